import { z } from '../dsl/index.ts'
import { textFor } from './pattern.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The smallest value that a schema accepts, the same each time: what may be missing is missing, lists are as short as
 * they may be, text is one letter unless a format or a length asks for more. Null where none is found: the schema decides,
 * so that nothing it refuses is ever made up.
 */
export function exampleOf(schema: z.ZodType): { readonly value: unknown } | null {
  let json: JsonSchema
  try {
    json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', cycles: 'ref' })
  } catch {
    return null
  }
  const definitions = isMap(json['$defs']) ? json['$defs'] : {}
  const value = smallest(json, { root: json, definitions }, 0)
  return schema.safeParse(value).success ? { value } : null
}

interface Document {
  readonly root: JsonSchema
  readonly definitions: Readonly<Record<string, unknown>>
}

/** A schema that only refers to itself has no end. */
const DEEPEST = 32

function smallest(schema: JsonSchema, document: Document, depth: number): unknown {
  if (depth > DEEPEST) return null
  const inner = (next: unknown): unknown => smallest(isMap(next) ? next : {}, document, depth + 1)
  if ('const' in schema) return schema['const']
  if ('default' in schema) return schema['default']
  const { enum: values, examples, $ref: reference } = schema
  if (isList(examples) && examples.length > 0) return examples[0]
  if (isList(values)) return values[0]
  if (typeof reference === 'string') return inner(referenced(reference, document))
  for (const options of [schema['anyOf'], schema['oneOf']])
    if (isList(options)) return inner(simplest(options))
  if (isList(schema['allOf'])) return Object.assign({}, ...schema['allOf'].map(inner)) as unknown
  switch (schema['type']) {
    case 'object':
      return smallestObject(schema, inner)
    case 'array':
      return smallestList(schema, inner)
    case 'string':
      return smallestText(schema)
    case 'integer':
    case 'number':
      return smallestNumber(schema)
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return null
  }
}

function referenced(reference: string, { root, definitions }: Document): unknown {
  return reference === '#' ? root : definitions[reference.replace('#/$defs/', '')]
}

/** Null before anything that has parts. */
function simplest(options: readonly unknown[]): unknown {
  return options.find((option) => isMap(option) && option['type'] === 'null') ?? options[0]
}

function smallestObject(schema: JsonSchema, inner: (schema: unknown) => unknown): unknown {
  const properties = isMap(schema['properties']) ? schema['properties'] : {}
  const required = isList(schema['required']) ? schema['required'] : []
  return Object.fromEntries(required.map((name) => [String(name), inner(properties[String(name)])]))
}

function smallestList(schema: JsonSchema, inner: (schema: unknown) => unknown): unknown {
  const prefix = isList(schema['prefixItems']) ? schema['prefixItems'].map(inner) : []
  const least = Number(schema['minItems'] ?? 0)
  const more = Math.max(0, least - prefix.length)
  return [...prefix, ...Array.from({ length: more }, () => inner(schema['items']))]
}

/** By JSON Schema's name of the format. */
const texts: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00',
  duration: 'PT1S',
  email: 'somebody@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
}

function smallestText(schema: JsonSchema): string {
  const format = schema['format']
  const known = typeof format === 'string' ? texts[format] : undefined
  if (known === undefined && typeof schema['pattern'] === 'string') return textFor(schema['pattern'])
  // Whoever reads it may well ask for some text.
  const least = Math.min(1, Number(schema['maxLength'] ?? 1))
  return known ?? 'x'.repeat(Math.max(least, Number(schema['minLength'] ?? 0)))
}

function smallestNumber(schema: JsonSchema): number {
  const step = Number(schema['multipleOf'] ?? (schema['type'] === 'integer' ? 1 : 0))
  const low = limit(schema['minimum'], schema['exclusiveMinimum'], step === 0 ? 1 : step)
  const high = limit(schema['maximum'], schema['exclusiveMaximum'], -(step === 0 ? 1 : step))
  const near = low !== null && low > 0 ? low : high !== null && high < 0 ? high : 0
  return step === 0 ? near : Math.ceil(near / step) * step
}

function limit(inclusive: unknown, exclusive: unknown, step: number): number | null {
  if (typeof exclusive === 'number') return exclusive + step
  return typeof inclusive === 'number' ? inclusive : null
}

function isMap(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
