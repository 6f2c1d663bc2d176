import { z } from 'zod'

/** What an unbounded text, and an unbounded list or map, are taken to hold. */
const typicalText = 128
const typicalItems = 16

/** Memory of a number, a boolean, null, and of the head of a text, list or map. https://cloud.google.com/workflows/quotas */
const head = 8

interface JsonSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly maxItems?: number
  readonly maxLength?: number
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
}

/** An estimate of the memory that a value of this schema takes in a workflow. */
export function valueBytes(schema: z.ZodType): number {
  return bytesOf(z.toJSONSchema(schema, { unrepresentable: 'any' }) as JsonSchema)
}

function bytesOf(schema: JsonSchema): number {
  if (schema.anyOf) return Math.max(...schema.anyOf.map(bytesOf))
  if (schema.enum) return head + Math.max(...schema.enum.map((value) => String(value).length))
  switch (schema.type) {
    case 'string':
      return (
        head + Math.min(schema.maxLength ?? (schema.format === undefined ? typicalText : 36), typicalText)
      )
    case 'array':
      return head + Math.min(schema.maxItems ?? typicalItems, typicalItems) * bytesOf(schema.items ?? {})
    case 'object':
      return objectBytes(schema)
    case undefined:
      return head + typicalText
    default:
      return head
  }
}

function objectBytes({ properties = {}, additionalProperties }: JsonSchema): number {
  const declared = Object.entries(properties).reduce(
    (sum, [key, value]) => sum + head + key.length + bytesOf(value),
    head,
  )
  const open = typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0
  return declared + (open ? typicalItems * (head + 16 + bytesOf(additionalProperties)) : 0)
}
