import { checksOf, definitionOf, fields, type Definition, type Schema } from './schema.ts'

/** The most that a value may take which the workflow itself reads. */
export const workflowBytes = 1024

const unbounded = Number.POSITIVE_INFINITY

/** What of a step's output the workflow holds; of more, the largest fields stand in storage. */
const outputBytes = 7 * 1024
/** What stands for a field in storage takes between so many bytes; a field that takes less never moves there. */
const pointerBytes = { least: 150, most: 512 }
/** A character that is not ASCII, as the step writes it. */
const escapeBytes = 6

/** Texts whose format alone bounds them, in characters. */
const formatBytes: Readonly<Record<string, number>> = {
  uuid: 36,
  guid: 36,
  nanoid: 21,
  cuid: 32,
  cuid2: 32,
  ulid: 26,
  xid: 20,
  ksuid: 27,
  date: 10,
  time: 18,
  datetime: 35,
  ipv4: 15,
  ipv6: 45,
  e164: 16,
}

/**
 * The most that a value of this schema takes as JSON, a character counted as a byte; infinite where the schema sets no
 * bound. Coarse on purpose: it separates ids, flags and days from lists and documents.
 */
export function mostBytes(schema: Schema): number {
  const definition = definitionOf(schema)
  switch (definition?.type) {
    case 'null':
    case 'undefined':
    case 'boolean':
    case 'int':
    case 'number':
      return 24
    case 'string':
      return 2 + stringBytes(definition)
    case 'enum':
      return longest(Object.values(definition.entries ?? {}))
    case 'literal':
      return longest(definition.values ?? [])
    case 'array':
      return listBytes(maximumOf(definition), definition.element)
    case 'tuple':
      return definition.rest ? unbounded : sum((definition.items ?? []).map(mostBytes))
    case 'object':
      return objectBytes(definition)
    case 'union':
      return Math.max(...(definition.options ?? []).map(mostBytes))
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return definition.innerType ? Math.max(4, mostBytes(definition.innerType)) : unbounded
    case 'pipe':
      return definition.out ? mostBytes(definition.out) : unbounded
    default:
      return unbounded
  }
}

/**
 * Whether a field of an output, of at most so many characters, is always held by the workflow itself. It is the largest
 * fields that go to storage, so that in the worst case all others are as large as this one, or pointers.
 */
export function staysInWorkflow(output: Schema, characters: number): boolean {
  const bytes = characters * escapeBytes
  if (bytes <= pointerBytes.least) return true
  const all = Object.entries(fields(output)).map(
    ([name, field]) =>
      name.length + 4 + Math.min(mostBytes(field) * escapeBytes, Math.max(bytes, pointerBytes.most)),
  )
  return sum(all) <= outputBytes
}

function stringBytes(definition: Definition): number {
  const formats = [definition.format, ...checksOf(definition).map((check) => check.format)]
  const known = formats.map((format) =>
    format !== undefined && Object.hasOwn(formatBytes, format)
      ? (formatBytes[format] ?? unbounded)
      : unbounded,
  )
  return Math.min(maximumOf(definition), ...known)
}

/** What `.max()` or `.length()` set. */
function maximumOf(definition: Definition): number {
  const bounds = checksOf(definition).map(({ check, maximum, length }) => {
    if (check === 'max_length') return Number(maximum)
    return check === 'length_equals' ? Number(length) : unbounded
  })
  return Math.min(unbounded, ...bounds)
}

function listBytes(items: number, element: Schema | undefined): number {
  if (items === 0) return 2
  return element ? 2 + items * (1 + mostBytes(element)) : unbounded
}

/** Fields beyond those declared are dropped at the step's door, unless a catchall lets them pass. */
function objectBytes({ shape = {}, catchall }: Definition): number {
  const rest = catchall ? definitionOf(catchall)?.type : 'never'
  if (rest !== 'never') return unbounded
  return 2 + sum(Object.entries(shape).map(([key, field]) => key.length + 4 + mostBytes(field)))
}

function longest(values: readonly unknown[]): number {
  return 2 + Math.max(0, ...values.map((value) => String(value).length))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
