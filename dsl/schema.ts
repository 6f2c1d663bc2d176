/**
 * Walking a zod schema by its definition rather than by class: a contract may come from another copy of zod than
 * this package's own.
 */
export type Schema = object

/** What stands at `key` of a value that the schema describes. */
export type Member =
  | { readonly kind: 'known'; readonly schema: Schema }
  | { readonly kind: 'open' }
  | { readonly kind: 'unknown'; readonly known: readonly string[] }

export interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, Schema>>
  readonly catchall?: Schema
  readonly element?: Schema
  readonly innerType?: Schema
  readonly out?: Schema
  readonly getter?: () => Schema
  readonly valueType?: Schema
  readonly items?: readonly Schema[]
  readonly rest?: Schema | null
  readonly options?: readonly Schema[]
  readonly left?: Schema
  readonly right?: Schema
  /** Of enums: values by name. */
  readonly entries?: Readonly<Record<string, string | number>>
  /** Of literals. */
  readonly values?: readonly unknown[]
  /** Of texts: `uuid`, `date`, … */
  readonly format?: string
  readonly checks?: readonly { readonly _zod?: { readonly def?: Check } }[]
}

/** What `.max()`, `.length()`, `.date()` and their like add to a schema. */
export interface Check {
  readonly check: string
  readonly minimum?: unknown
  readonly maximum?: unknown
  readonly length?: unknown
  readonly format?: string
}

export function checksOf(definition: Definition): readonly Check[] {
  return (definition.checks ?? []).flatMap((check) => check._zod?.def ?? [])
}

/** The schema of a member; wrappers (optional, nullable, default, pipe …) are looked through. */
export function memberOf(schema: Schema, key: string): Member {
  const definition = definitionOf(schema)
  switch (definition?.type) {
    case 'object':
      return objectMember(definition, key)
    case 'array':
      return isIndex(key) && definition.element ? known(definition.element) : unknown([])
    case 'tuple':
      return tupleMember(definition, key)
    case 'record':
      return definition.valueType ? known(definition.valueType) : open
    case 'union':
      return firstMember(definition.options ?? [], key)
    case 'intersection':
      return firstMember(
        [definition.left, definition.right].filter((side) => side !== undefined),
        key,
      )
    case 'any':
    case 'unknown':
    case 'json':
    case 'custom':
    case undefined:
      return open
    default:
      return innerMember(definition, key)
  }
}

/** Whether a key is written as a list index. */
function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key)
}

/** Names of an object schema's fields, in declared order. */
export function fieldNames(schema: Schema): readonly string[] {
  return Object.keys(definitionOf(schema)?.shape ?? {})
}

/** Field schemas of an object schema, in declared order. */
export function fields(schema: Schema): Readonly<Record<string, Schema>> {
  return definitionOf(schema)?.shape ?? {}
}

/** Whether a value parsed by this schema may be left out: it has a default or is optional. */
export function isOptional(schema: Schema): boolean {
  const optional = new Set(['default', 'prefault', 'optional', 'catch'])
  for (let inner: Schema | undefined = schema; inner; inner = definitionOf(inner)?.innerType) {
    if (optional.has(definitionOf(inner)?.type ?? '')) return true
  }
  return false
}

/** The schema below optional, nullable, default and other wrappers. */
function bare(schema: Schema): Schema {
  let inner = schema
  for (let next = definitionOf(inner); next; next = definitionOf(inner)) {
    const below = next.type === 'pipe' ? next.out : next.innerType
    if (!below) return inner
    inner = below
  }
  return inner
}

/** Whether a value of this schema is a list; `unknown` where it does not say. */
export function listKind(schema: Schema): 'list' | 'unknown' | 'other' {
  const type = definitionOf(bare(schema))?.type
  if (type === 'array' || type === 'tuple') return 'list'
  return type === undefined || ['any', 'unknown', 'json', 'custom', 'lazy', 'union'].includes(type)
    ? 'unknown'
    : 'other'
}

/** What a list holds, or null where the schema does not say. */
export function elementOf(schema: Schema): Schema | null {
  return definitionOf(bare(schema))?.element ?? null
}

/** Items that a list of this schema has at least. */
export function leastItems(schema: Schema): number {
  const definition = definitionOf(bare(schema))
  if (definition?.type === 'tuple') return definition.items?.length ?? 0
  const bounds = checksOf(definition ?? { type: 'unknown' }).map(({ check, minimum, length }) => {
    if (check === 'min_length') return Number(minimum)
    return check === 'length_equals' ? Number(length) : 0
  })
  return Math.max(0, ...bounds)
}

/** Items that a list of this schema has at most, or null where it sets no bound. */
export function mostItems(schema: Schema): number | null {
  const definition = definitionOf(bare(schema))
  if (definition?.type === 'tuple') return definition.rest ? null : (definition.items?.length ?? 0)
  const bounds = checksOf(definition ?? { type: 'unknown' }).flatMap(({ check, maximum, length }) => {
    if (check === 'max_length') return [Number(maximum)]
    return check === 'length_equals' ? [Number(length)] : []
  })
  return bounds.length === 0 ? null : Math.min(...bounds)
}

/** The schema is a `z.object`. */
export function isObjectSchema(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && definitionOf(schema)?.type === 'object'
}

const open: Member = { kind: 'open' }

function known(schema: Schema): Member {
  return { kind: 'known', schema }
}

function unknown(names: readonly string[]): Member {
  return { kind: 'unknown', known: names }
}

export function definitionOf(schema: Schema | undefined): Definition | undefined {
  const internals = (schema as { _zod?: { def?: Definition } })._zod
  return internals?.def
}

function objectMember(definition: Definition, key: string): Member {
  const shape = definition.shape ?? {}
  const field = Object.hasOwn(shape, key) ? shape[key] : undefined
  if (field) return known(field)
  const rest = definition.catchall ? definitionOf(definition.catchall)?.type : 'never'
  return rest === 'never' ? unknown(Object.keys(shape)) : open
}

function tupleMember(definition: Definition, key: string): Member {
  if (!isIndex(key)) return unknown([])
  const item = definition.items?.[Number(key)] ?? definition.rest
  return item ? known(item) : unknown([])
}

function firstMember(options: readonly Schema[], key: string): Member {
  const members = options.map((option) => memberOf(option, key))
  const found = members.find((member) => member.kind !== 'unknown')
  return found ?? unknown(members.flatMap((member) => (member.kind === 'unknown' ? member.known : [])))
}

function innerMember(definition: Definition | undefined, key: string): Member {
  const inner = definition?.innerType ?? definition?.out ?? definition?.getter?.()
  return inner ? memberOf(inner, key) : unknown([])
}
