import { mostBytes } from '../../dsl/bound.ts'
import { definitionOf, isOptional, type Definition, type Schema } from '../../dsl/schema.ts'

/** Memory of a number, a boolean, null, and of the head of a text, list or map. https://cloud.google.com/workflows/docs/reference/syntax/variables */
const head = 8

/** What anything at all may take: `[[],[]]` is 3 bytes of JSON an item, `1,` is 2. */
const anything: Growth = { memory: head, json: 1, rate: head / 2 }

/** The least value of a schema, as memory and as JSON, and the most memory that each further byte of JSON can make. */
interface Growth {
  readonly memory: number
  readonly json: number
  readonly rate: number
}

/** The most memory that a value of this schema takes in a workflow, given how much JSON it may be. */
export function valueBytes(schema: Schema, jsonBytes: number): number {
  const { memory, json, rate } = growthOf(schema)
  // A character is at most three bytes of UTF-8 where JSON writes it as one.
  const most = Math.min(jsonBytes, 3 * mostBytes(schema))
  return Math.ceil(memory + Math.max(0, most - json) * rate)
}

function growthOf(schema: Schema | undefined): Growth {
  const definition = definitionOf(schema)
  switch (definition?.type) {
    case 'string':
      return { memory: head, json: 2, rate: 1 }
    case 'number':
    case 'int':
    case 'boolean':
    case 'null':
      return { memory: head, json: 1, rate: 0 }
    case 'enum':
      return choiceOf(Object.values(definition.entries ?? {}))
    case 'literal':
      return choiceOf(definition.values ?? [])
    case 'array':
      return { memory: head, json: 2, rate: itemRate(growthOf(definition.element), 0) }
    case 'record':
      return { memory: head, json: 2, rate: Math.max(1, itemRate(growthOf(definition.valueType), head)) }
    case 'object':
      return objectGrowth(definition)
    case 'union':
      return (definition.options ?? []).map(growthOf).reduce(eitherOf, { memory: 0, json: Infinity, rate: 0 })
    case 'nullable':
    case 'optional':
      return eitherOf(growthOf(definition.innerType), { memory: head, json: 4, rate: 0 })
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return growthOf(definition.innerType)
    case 'pipe':
      return growthOf(definition.out)
    default:
      return anything
  }
}

function choiceOf(values: readonly unknown[]): Growth {
  return {
    memory: head + Math.max(0, ...values.map((value) => Buffer.byteLength(String(value)))),
    json: Math.max(1, Math.min(...values.map((value) => JSON.stringify(value)?.length ?? 1))),
    rate: 0,
  }
}

/** Items of lists and entries of maps: a comma each, and for entries a key. */
function itemRate({ memory, json, rate }: Growth, key: number): number {
  return Math.max(rate, (key + memory) / (json + 1 + (key > 0 ? 3 : 0)))
}

function objectGrowth({ shape = {}, catchall }: Definition): Growth {
  const fields = Object.entries(shape).map(([key, schema]) => ({
    key,
    schema,
    inner: growthOf(presentOf(schema)),
  }))
  const required = fields.filter(({ schema }) => !isOptional(schema))
  const open = catchall !== undefined && definitionOf(catchall)?.type !== 'never'
  return {
    memory: required.reduce((sum, { key, inner }) => sum + head + key.length + inner.memory, head),
    json: required.reduce((sum, { key, inner }) => sum + key.length + 3 + inner.json, 2),
    rate: Math.max(
      open ? anything.rate : 0,
      ...fields.map(({ key, schema, inner }) =>
        isOptional(schema)
          ? Math.max(inner.rate, (head + key.length + inner.memory) / (key.length + 3 + inner.json))
          : inner.rate,
      ),
    ),
  }
}

/** A field of an object that is left out takes nothing, and is no null. */
function presentOf(schema: Schema): Schema {
  const definition = definitionOf(schema)
  return definition?.type === 'optional' && definition.innerType ? definition.innerType : schema
}

function eitherOf(a: Growth, b: Growth): Growth {
  return {
    memory: Math.max(a.memory, b.memory),
    json: Math.min(a.json, b.json),
    rate: Math.max(a.rate, b.rate),
  }
}
