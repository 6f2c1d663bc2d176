import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { StoredField } from '../catalog/entry.ts'
import { canonicalJson } from '../types/json.ts'
import {
  BIGNUMERIC_LIMIT,
  decimalText,
  divideRounded,
  NUMERIC_LIMIT,
  parseDecimal,
} from '../types/numeric.ts'
import { parseDate, parseDatetime, parseTime, parseTimestamp } from '../types/temporal.ts'
import { JsonNumber, jsonText, type JsonValue } from './json-value.ts'

/** Why a row was refused. */
export class RowProblem extends Error {
  readonly field: string

  constructor(message: string, field = '') {
    super(message)
    this.name = 'RowProblem'
    this.field = field
  }
}

/** A JSON object as a row of a table's columns. */
export function toRow(
  value: JsonValue,
  schema: readonly StoredField[],
  ignoreUnknown: boolean,
): DuckDBValue[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber)
    throw new RowProblem('Row is not a JSON object')
  return members(value as { readonly [name: string]: JsonValue }, schema, ignoreUnknown, '')
}

function members(
  value: { readonly [name: string]: JsonValue },
  schema: readonly StoredField[],
  ignoreUnknown: boolean,
  path: string,
): DuckDBValue[] {
  const given = new Map(Object.entries(value).map(([key, item]) => [key.toLowerCase(), item]))
  if (!ignoreUnknown) {
    const names = new Set(schema.map((field) => field.name.toLowerCase()))
    for (const key of Object.keys(value))
      if (!names.has(key.toLowerCase()))
        throw new RowProblem(`No such field: ${path}${key}.`, `${path}${key}`)
  }
  return schema.map((field) => {
    const key = field.name.toLowerCase()
    const name = `${path}${field.name}`
    if (field.mode === 'REQUIRED' && !given.has(key) && field.defaultValue === undefined)
      throw new RowProblem(`Missing required field: ${name}.`, name)
    return toValue(given.get(key) ?? null, field, ignoreUnknown, name)
  })
}

function toValue(value: JsonValue, field: StoredField, ignoreUnknown: boolean, path: string): DuckDBValue {
  if (field.mode === 'REPEATED') {
    if (value === null) return new DuckDBListValue([])
    if (!Array.isArray(value))
      throw new RowProblem(
        `Array specified for non-repeated field or value for repeated field: ${path}.`,
        path,
      )
    return new DuckDBListValue(
      (value as readonly JsonValue[]).map((item) => {
        if (item === null)
          throw new RowProblem(`Only optional fields can be set to NULL. Field: ${path}; Value: NULL`, path)
        return toValue(item, { ...field, mode: 'NULLABLE' }, ignoreUnknown, path)
      }),
    )
  }
  if (value === null) {
    if (field.mode === 'REQUIRED')
      throw new RowProblem(`Only optional fields can be set to NULL. Field: ${path}; Value: NULL`, path)
    return null
  }
  if (field.type === 'JSON') return jsonText(value)
  if (field.type === 'STRUCT') {
    if (typeof value !== 'object' || Array.isArray(value) || value instanceof JsonNumber)
      throw new RowProblem(`This field: ${path} is not a record.`, path)
    const fields = field.fields ?? []
    const items = members(value as { readonly [name: string]: JsonValue }, fields, ignoreUnknown, `${path}.`)
    return new DuckDBStructValue(Object.fromEntries(fields.map((inner, i) => [inner.name, items[i]!])))
  }
  if (Array.isArray(value)) throw new RowProblem(`Array specified for non-repeated field: ${path}.`, path)
  if (typeof value === 'object' && !(value instanceof JsonNumber))
    throw new RowProblem(`This field: ${path} is not a record.`, path)
  return scalarValue(value, field, path)
}

function scalarValue(value: JsonNumber | string | boolean, field: StoredField, path: string): DuckDBValue {
  const text = value instanceof JsonNumber ? value.text : String(value)
  const result = read(text, value, field)
  if (result === undefined) throw new RowProblem(problemOf(text, value, field, path), path)
  return result
}

/** What the service says of a value that is none of its column. */
function problemOf(
  text: string,
  value: JsonNumber | string | boolean,
  field: StoredField,
  path: string,
): string {
  const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text
  const place = `Field: ${path}; Value: ${shown}`
  const given =
    value instanceof JsonNumber
      ? `number_value: ${shown}`
      : typeof value === 'boolean'
        ? `bool_value: ${shown}`
        : `string_value: "${shown}"`
  switch (field.type) {
    case 'INT64':
      return `Could not convert value '${given}' to integer. ${place}`
    case 'FLOAT64':
      return `Could not convert value '${given}' to double. ${place}`
    case 'BOOL':
      return `Could not convert value '${given}' to boolean. ${place}`
    case 'DATE':
    case 'DATETIME':
    case 'TIME':
    case 'TIMESTAMP':
      return `Couldn't convert value to ${field.type.toLowerCase()}: Could not parse '${shown}' as a ${field.type.toLowerCase()}. ${place}`
    case 'STRING':
    case 'BYTES':
      if (field.maxLength !== undefined)
        return `Field ${path}: value of length ${field.type === 'STRING' ? Array.from(text).length : Buffer.from(text, 'base64').length} exceeds maximum length ${field.maxLength}. ${place}`
      return `Could not convert value '${given}' to ${field.type.toLowerCase()}. ${place}`
    default:
      return `Invalid ${field.type} value: ${shown} ${place}`
  }
}

const DAY = 86_400_000_000n

/** Undefined when the text is no value of the type. */
function read(
  text: string,
  value: JsonNumber | string | boolean,
  field: StoredField,
): DuckDBValue | undefined {
  switch (field.type) {
    case 'STRING':
      return field.maxLength !== undefined && Array.from(text).length > field.maxLength ? undefined : text
    case 'INT64':
      return integer(text)
    case 'FLOAT64':
      return float(text)
    case 'NUMERIC': {
      const number = parseDecimal(text, 9)
      return number === null || number >= NUMERIC_LIMIT || number <= -NUMERIC_LIMIT || !fits(number, field)
        ? undefined
        : new DuckDBDecimalValue(number, 38, 9)
    }
    case 'BIGNUMERIC': {
      const number = parseDecimal(text, 38)
      return number === null || number >= BIGNUMERIC_LIMIT || number < -BIGNUMERIC_LIMIT
        ? undefined
        : decimalText(number, 38)
    }
    case 'BOOL':
      return /^(true|1|t|yes|y)$/i.test(text) ? true : /^(false|0|f|no|n)$/i.test(text) ? false : undefined
    case 'BYTES': {
      if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined
      const bytes = Buffer.from(text, 'base64')
      return bytes.length > (field.maxLength ?? Infinity) ? undefined : new DuckDBBlobValue(bytes)
    }
    case 'DATE': {
      const date = parseDate(text)
      return date === null
        ? undefined
        : new DuckDBDateValue(Math.round(Date.parse(`${date}T00:00:00Z`) / 86_400_000))
    }
    case 'TIME': {
      const time = parseTime(text)
      return time === null ? undefined : new DuckDBTimeValue(parseDatetime(`1970-01-01 ${time}`)! % DAY)
    }
    case 'DATETIME': {
      const micros = parseDatetime(text)
      return micros === null ? undefined : new DuckDBTimestampValue(micros)
    }
    case 'TIMESTAMP': {
      // A number counts seconds since the epoch.
      const micros =
        value instanceof JsonNumber || /^-?\d+(\.\d+)?$/.test(text)
          ? parseDecimal(text, 6)
          : parseTimestamp(text.replace(/ UTC$/, 'Z'))
      return micros === null ? undefined : new DuckDBTimestampTZValue(micros)
    }
    case 'JSON':
      return canonicalJson(text, 'round') ?? undefined
    case 'STRUCT':
      return undefined
  }
}

/** Whether a NUMERIC, in billionths, has no more digits than its column takes once it is rounded to its scale. */
function fits(number: bigint, { precision, scale = 0 }: StoredField): boolean {
  if (precision === undefined) return true
  const rounded = divideRounded(number, 10n ** BigInt(9 - scale))
  return (rounded < 0n ? -rounded : rounded) < 10n ** BigInt(precision)
}

function integer(text: string): bigint | undefined {
  const whole = /^\s*([+-]?\d+)(?:\.0*)?\s*$/.exec(text)?.[1]
  if (whole === undefined) {
    const number = /[eE]/.test(text) ? Number(text) : Number.NaN
    return Number.isInteger(number) && Math.abs(number) < 2 ** 53 ? BigInt(number) : undefined
  }
  const value = BigInt(whole.replace(/^\+/, ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

function float(text: string): number | undefined {
  const word = text.trim().toLowerCase()
  const special: Record<string, number> = {
    nan: Number.NaN,
    inf: Infinity,
    '+inf': Infinity,
    infinity: Infinity,
    '-inf': -Infinity,
    '-infinity': -Infinity,
  }
  if (Object.hasOwn(special, word)) return special[word]
  return word !== '' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word) ? Number(word) : undefined
}
