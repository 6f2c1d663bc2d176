import type { ColumnType, Field } from '../warehouse.ts'

/** BigQuery's types, as far as the local warehouse knows them. */
export type ScalarName = Exclude<ColumnType, 'STRUCT'>

export type Type =
  | { readonly kind: 'scalar'; readonly name: ScalarName }
  | { readonly kind: 'array'; readonly element: Type }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] }

export interface StructField {
  readonly name: string | null
  readonly type: Type
}

function scalar(name: ScalarName): Type {
  return { kind: 'scalar', name }
}

export const STRING = scalar('STRING')
export const INT64 = scalar('INT64')
export const FLOAT64 = scalar('FLOAT64')
export const NUMERIC = scalar('NUMERIC')
export const BIGNUMERIC = scalar('BIGNUMERIC')
export const BOOL = scalar('BOOL')
export const DATE = scalar('DATE')
export const DATETIME = scalar('DATETIME')
export const TIME = scalar('TIME')
export const TIMESTAMP = scalar('TIMESTAMP')
export const INTERVAL = scalar('INTERVAL')
export const BYTES = scalar('BYTES')
export const JSON_TYPE = scalar('JSON')

export function arrayOf(element: Type): Type {
  return { kind: 'array', element }
}

export function structOf(fields: readonly StructField[]): Type {
  return { kind: 'struct', fields }
}

const scalars: Readonly<Record<string, Type>> = {
  STRING,
  INT64,
  INT: INT64,
  SMALLINT: INT64,
  INTEGER: INT64,
  BIGINT: INT64,
  TINYINT: INT64,
  BYTEINT: INT64,
  FLOAT64,
  NUMERIC,
  DECIMAL: NUMERIC,
  BIGNUMERIC,
  BIGDECIMAL: BIGNUMERIC,
  BOOL,
  BOOLEAN: BOOL,
  DATE,
  DATETIME,
  TIME,
  TIMESTAMP,
  BYTES,
  INTERVAL,
  JSON: JSON_TYPE,
}

export function scalarNamed(name: string): Type | undefined {
  return Object.hasOwn(scalars, name.toUpperCase()) ? scalars[name.toUpperCase()] : undefined
}

export function isScalar(type: Type, ...names: readonly ScalarName[]): boolean {
  return type.kind === 'scalar' && names.includes(type.name)
}

export function isNumber(type: Type): boolean {
  return isScalar(type, 'INT64', 'NUMERIC', 'BIGNUMERIC', 'FLOAT64')
}

/** Equal, field names of structs aside when `names` is false. */
export function sameType(a: Type, b: Type, names = true): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.name === b.name
  if (a.kind === 'array') return b.kind === 'array' && sameType(a.element, b.element, names)
  return (
    b.kind === 'struct' &&
    a.fields.length === b.fields.length &&
    a.fields.every((field, i) => {
      const other = b.fields[i]!
      const named = !names || (field.name ?? '').toLowerCase() === (other.name ?? '').toLowerCase()
      return named && sameType(field.type, other.type, names)
    })
  )
}

/** As INFORMATION_SCHEMA and error messages print it. */
export function typeText(type: Type): string {
  if (type.kind === 'scalar') return type.name
  if (type.kind === 'array') return `ARRAY<${typeText(type.element)}>`
  return `STRUCT<${type.fields.map((f) => (f.name ? `${f.name} ` : '') + typeText(f.type)).join(', ')}>`
}

/** As messages about grouping print it: without what an ARRAY or STRUCT is made of. */
export function kindText(type: Type): string {
  return type.kind === 'scalar' ? type.name : type.kind.toUpperCase()
}

export function typeOfField(field: Field): Type {
  const base: Type =
    field.type === 'STRUCT'
      ? structOf((field.fields ?? []).map((inner) => ({ name: inner.name, type: typeOfField(inner) })))
      : scalar(field.type)
  return field.mode === 'REPEATED' ? arrayOf(base) : base
}

export function fieldOfType(name: string, type: Type): Field {
  if (type.kind === 'array') return { ...fieldOfType(name, type.element), mode: 'REPEATED' }
  if (type.kind === 'scalar') return { name, type: type.name, mode: 'NULLABLE' }
  const fields = type.fields.map((f, i) => fieldOfType(f.name ?? `_field_${i + 1}`, f.type))
  return { name, type: 'STRUCT', mode: 'NULLABLE', fields }
}

/** Types whose values may be grouped, joined on, made distinct. */
export function isGroupable(type: Type): boolean {
  if (type.kind === 'struct') return type.fields.every((f) => isGroupable(f.type))
  if (type.kind === 'array') return isGroupable(type.element)
  return type.name !== 'JSON'
}

export function isOrderable(type: Type): boolean {
  return type.kind === 'scalar' && type.name !== 'JSON'
}
