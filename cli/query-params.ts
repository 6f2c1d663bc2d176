import { UserError } from '../deploy/user-error.ts'
import { Cursor } from '../sql/parser/cursor.ts'
import { parseType } from '../sql/parser/type.ts'
import type { TypeSyntax } from '../sql/syntax.ts'

/** A parameter as the API takes it. */
export interface QueryParameter {
  readonly name?: string
  readonly parameterType: WireType
  readonly parameterValue: WireValue
}

interface WireType {
  readonly type: string
  readonly arrayType?: WireType
  readonly structTypes?: { readonly name?: string; readonly type: WireType }[]
}

interface WireValue {
  /** Absent for NULL. */
  readonly value?: string
  readonly arrayValues?: WireValue[]
  readonly structValues?: Record<string, WireValue>
}

/**
 * `name:type:value`, as `bq` takes it: without a name it is positional, without a type STRING; NULL is NULL; arrays
 * and structs are JSON.
 *
 * @throws UserError
 */
export function readQueryParameter(text: string): QueryParameter {
  const [, name, type, value] = /^(\w*):((?:[^:<]|<[^:]*>)*):([\s\S]*)$/.exec(text) ?? []
  if (name === undefined || type === undefined || value === undefined)
    throw problem(text, 'it takes name:type:value')
  const wire = readType(type.trim() === '' ? 'STRING' : type, text)
  return {
    ...(name === '' ? {} : { name }),
    parameterType: wire,
    parameterValue: value === 'NULL' ? {} : readValue(value, wire, text),
  }
}

function readType(type: string, text: string): WireType {
  try {
    const cursor = new Cursor(type)
    const syntax = parseType(cursor)
    if (cursor.token.kind !== 'end') throw cursor.unexpected()
    return wireType(syntax)
  } catch {
    throw problem(text, `${type} is not a type`)
  }
}

function wireType(syntax: TypeSyntax): WireType {
  if (syntax.kind === 'array') return { type: 'ARRAY', arrayType: wireType(syntax.element) }
  if (syntax.kind === 'named') return { type: syntax.name.toUpperCase() }
  return {
    type: 'STRUCT',
    structTypes: syntax.fields.map(({ name, type }) => ({
      ...(name === null ? {} : { name }),
      type: wireType(type),
    })),
  }
}

function readValue(value: string, type: WireType, text: string): WireValue {
  if (type.arrayType === undefined && type.structTypes === undefined) return { value }
  try {
    return nestedValue(JSON.parse(value), type)
  } catch {
    throw problem(text, `the value of type ${type.type} must be JSON of that form`)
  }
}

function nestedValue(value: unknown, type: WireType): WireValue {
  if (value === null) return {}
  if (type.arrayType !== undefined) {
    if (!Array.isArray(value)) throw new TypeError('not an array')
    return { arrayValues: value.map((item) => nestedValue(item, type.arrayType!)) }
  }
  if (type.structTypes !== undefined) {
    const fields = type.structTypes.map(({ name = '', type: inner }) => [
      name,
      nestedValue((value as Record<string, unknown>)[name] ?? null, inner),
    ])
    return { structValues: Object.fromEntries(fields) as Record<string, WireValue> }
  }
  return { value: typeof value === 'string' ? value : JSON.stringify(value) }
}

function problem(text: string, why: string): UserError {
  return new UserError('DAG603', `--param ${text}: ${why}`, {
    place: `--param ${text}`,
    hint: "for example --param day:DATE:2026-03-09, or --param 'ids:ARRAY<INT64>:[1, 2]'",
  })
}
