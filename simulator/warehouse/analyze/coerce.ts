import { decimalText, NUMERIC_LIMIT, parseDecimal } from '../types/numeric.ts'
import { datetimeText, parseDate, parseDatetime, parseTime, parseTimestamp } from '../types/temporal.ts'
import { duckType, quoteName, structNames } from '../types/duck.ts'
import { invalid } from '../../../sql/problem.ts'
import { isScalar, sameType, structOf, type Type, typeText } from '../types/type.ts'
import { bignumericLiteral } from './bignumeric.ts'
import { nullOf, typed, type Typed } from './typed.ts'

const widening: Readonly<Record<string, readonly string[]>> = {
  INT64: ['NUMERIC', 'BIGNUMERIC', 'FLOAT64'],
  NUMERIC: ['BIGNUMERIC', 'FLOAT64'],
  BIGNUMERIC: ['FLOAT64'],
  DATE: ['DATETIME'],
}

/**
 * A value as `to` by BigQuery's implicit coercion, or null where BigQuery has none. Throws for a literal that
 * cannot be read as its target (DATE and the like).
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules
 */
export function coerce(value: Typed, to: Type, at = 0): Typed | null {
  if (value.literal?.kind === 'null') return nullOf(to)
  if (value.literal?.kind === 'never') return typed(`CAST(${value.sql} AS ${duckType(to)})`, to)
  if (sameType(value.type, to)) return value
  const literal = coerceLiteral(value, to, at)
  if (literal) return literal
  const from = value.type
  if (from.kind === 'scalar' && to.kind === 'scalar') {
    if (!(widening[from.name] ?? []).includes(to.name)) return null
    return typed(widen(value.sql, from.name, to), to)
  }
  if (from.kind === 'struct' && to.kind === 'struct') return coerceStruct(value, to, at)
  if (from.kind === 'array' && to.kind === 'array' && sameType(from, to, false))
    return typed(`CAST(${value.sql} AS ${duckType(to)})`, to)
  return null
}

function widen(sql: string, from: string, to: Type): string {
  if (isScalar(to, 'BIGNUMERIC')) return `bq_bignumeric(CAST(${sql} AS VARCHAR))`
  if (from === 'BIGNUMERIC') return `CAST(${sql} AS DOUBLE)`
  return `CAST(${sql} AS ${duckType(to)})`
}

function coerceStruct(value: Typed, to: Type & { kind: 'struct' }, at: number): Typed | null {
  const from = value.type as Type & { kind: 'struct' }
  if (from.fields.length !== to.fields.length) return null
  const items = value.literal?.kind === 'struct' ? value.literal.items : null
  const names = structNames(from.fields)
  const parts = to.fields.map((field, i) => {
    const part = items?.[i] ?? typed(`(${value.sql}).${quoteName(names[i]!)}`, from.fields[i]!.type)
    return coerce(part, field.type, at)
  })
  if (parts.some((part) => part === null)) return null
  const packed = packStruct(parts as Typed[], to)
  return items ? packed : typed(`CASE WHEN ${value.sql} IS NOT NULL THEN ${packed.sql} END`, to)
}

/** struct_pack with the fields of `type`. */
export function packStruct(items: readonly Typed[], type: Type & { kind: 'struct' }): Typed {
  if (items.length === 0) return { sql: `{'_': NULL::BOOLEAN}`, type, literal: { kind: 'struct', items } }
  const names = structNames(type.fields)
  const sql = `struct_pack(${items.map((item, i) => `${quoteName(names[i]!)} := ${item.sql}`).join(', ')})`
  return { sql, type, literal: { kind: 'struct', items } }
}

function coerceLiteral(value: Typed, to: Type, at: number): Typed | null {
  const { literal } = value
  if (!literal) return null
  if (literal.kind === 'string') return coerceText(literal.value, to, at)
  if (literal.kind === 'float' && isScalar(to, 'NUMERIC')) return numericLiteral(literal.text, at)
  if (literal.kind === 'float' && isScalar(to, 'BIGNUMERIC')) return bignumericLiteral(literal.text, at)
  if (literal.kind === 'array' && to.kind === 'array') {
    const items = literal.items.map((item) => coerce(item, to.element, at))
    if (items.some((item) => item === null)) return null
    return arrayLiteral(items as Typed[], to.element)
  }
  if (literal.kind === 'struct' && to.kind === 'struct') return coerceStruct(value, to, at)
  return null
}

export function arrayLiteral(items: readonly Typed[], element: Type): Typed {
  const type: Type = { kind: 'array', element }
  return {
    sql: `CAST([${items.map((item) => item.sql).join(', ')}] AS ${duckType(type)})`,
    type,
    literal: { kind: 'array', items },
  }
}

/** A STRING literal where a date or time is wanted. */
function coerceText(text: string, to: Type, at: number): Typed | null {
  return isScalar(to, 'DATE', 'DATETIME', 'TIME', 'TIMESTAMP') ? temporalLiteral(text, to, at) : null
}

/** DATE '…', TIMESTAMP '…' and so on; the text is checked here, once. */
export function temporalLiteral(text: string, type: Type, at: number, zone = 'UTC'): Typed {
  const name = type.kind === 'scalar' ? type.name : ''
  const bad = (): Error => invalid(at, `Invalid ${name} literal`)
  if (name === 'DATE' || name === 'TIME') {
    const value = name === 'DATE' ? parseDate(text) : parseTime(text)
    if (value === null) throw bad()
    return typed(`${name} '${value}'`, type)
  }
  const micros = name === 'DATETIME' ? parseDatetime(text) : parseTimestamp(text, zone)
  if (micros === null) throw bad()
  return typed(timestampSql(micros, name === 'DATETIME'), type)
}

export function timestampSql(micros: bigint, civil: boolean): string {
  const text = datetimeText(micros, ' ')
  return civil ? `TIMESTAMP '${text}'` : `TIMESTAMPTZ '${text}+00'`
}

export function numericLiteral(text: string, at: number): Typed {
  const value = parseDecimal(text, 9)
  if (value === null || value >= NUMERIC_LIMIT || value <= -NUMERIC_LIMIT)
    throw invalid(at, `Invalid NUMERIC value: ${text}`)
  return typed(`CAST('${decimalText(value, 9)}' AS DECIMAL(38,9))`, { kind: 'scalar', name: 'NUMERIC' })
}

/** The type that all values can become, or null. Literals yield to other values. */
export function commonType(values: readonly Typed[], at = 0): Type | null {
  const bound = values.filter((value) => value.literal === undefined)
  const candidates = bound.length > 0 ? bound : values.filter((value) => !isEmpty(value))
  if (candidates.length === 0) return values[0]?.type ?? null
  const order = [...candidates, ...values]
  for (const candidate of order) {
    if (isEmpty(candidate)) continue
    if (values.every((value) => canCoerce(value, candidate.type, at))) return candidate.type
  }
  for (const name of ['NUMERIC', 'BIGNUMERIC', 'FLOAT64', 'DATETIME'] as const) {
    const type: Type = { kind: 'scalar', name }
    if (values.every((value) => canCoerce(value, type, at))) return type
  }
  return commonStruct(values, at)
}

/** NULL and ERROR() have no type of their own. */
function isEmpty(value: Typed): boolean {
  return value.literal?.kind === 'null' || value.literal?.kind === 'never'
}

/** Structs meet field by field. */
function commonStruct(values: readonly Typed[], at: number): Type | null {
  const typedValues = values.filter((value) => !isEmpty(value))
  const first = typedValues[0]?.type
  if (first?.kind !== 'struct') return null
  const fields = first.fields.map((field, i) => {
    const parts = typedValues.map((value) => {
      if (value.literal?.kind === 'struct') return value.literal.items[i]
      return value.type.kind === 'struct' && value.type.fields[i]
        ? typed('NULL', value.type.fields[i].type)
        : undefined
    })
    if (parts.some((part) => part === undefined)) return null
    const type = commonType(parts as Typed[], at)
    return type ? { name: field.name, type } : null
  })
  if (fields.some((field) => field === null)) return null
  const type = structOf(fields as { name: string | null; type: Type }[])
  return values.every((value) => canCoerce(value, type, at)) ? type : null
}

function canCoerce(value: Typed, to: Type, at: number): boolean {
  try {
    return coerce(value, to, at) !== null
  } catch {
    return false
  }
}

/** Coerces or refuses with BigQuery's words. */
export function coerceOrFail(value: Typed, to: Type, at: number, what = 'Value'): Typed {
  const result = coerce(value, to, at)
  if (!result)
    throw invalid(at, `${what} has type ${typeText(value.type)} which cannot be coerced to ${typeText(to)}`)
  return result
}
