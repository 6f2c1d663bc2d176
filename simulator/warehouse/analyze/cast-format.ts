import { dateElements, isNumberFormat } from '../engine/native/cast-format.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import { quoteText } from '../types/duck.ts'
import {
  BYTES,
  DATE,
  DATETIME,
  isScalar,
  STRING,
  TIME,
  TIMESTAMP,
  type Type,
  typeText,
} from '../types/type.ts'
import type { Context } from './context.ts'
import { civil } from './dates.ts'
import { safely } from './fail.ts'
import { typed, type Typed } from './typed.ts'

/** What a format may name for a type: dates have no hours, times no months. */
function checkElements(format: string, type: Type, at: number): void {
  const elements = dateElements(format)
  if (!elements) throw unsupported(at, `format ${JSON.stringify(format)}`)
  const used = elements.filter(({ name }) => name !== 'text').map(({ name }) => name)
  const clock = /^(HH|MI|SS|FF|AM|PM|A\.M\.|P\.M\.)/
  const zone = /^TZ/
  const bad = used.find((name) => {
    if (zone.test(name)) return !isScalar(type, 'TIMESTAMP')
    return clock.test(name) ? isScalar(type, 'DATE') : isScalar(type, 'TIME')
  })
  if (bad) throw invalid(at, `Format element ${bad} is not supported for type ${typeText(type)}`)
}

const encodings: Readonly<Record<string, string>> = {
  HEX: 'HEX',
  BASE64: 'BASE64',
  BASE64M: 'BASE64',
  ASCII: 'ASCII',
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements */
export function castFormat(
  value: Typed,
  to: Type,
  format: string,
  zone: string,
  safe: boolean,
  at: number,
  context: Context,
): Typed {
  const done = (sql: string, type: Type): Typed => typed(safe ? safely(sql, [value.sql], type) : sql, type)
  const text = quoteText(format)
  if (isScalar(to, 'STRING')) {
    if (isScalar(value.type, 'DATE', 'DATETIME', 'TIME', 'TIMESTAMP')) {
      checkElements(format, value.type, at)
      const x = isScalar(value.type, 'TIMESTAMP')
        ? value.sql
        : isScalar(value.type, 'TIME')
          ? value.sql
          : civil(value)
      const where = isScalar(value.type, 'TIMESTAMP') ? quoteText(zone) : `'UTC'`
      return done(`bq_cast_format(${text}, epoch_us(${x}), ${where})`, STRING)
    }
    if (isScalar(value.type, 'INT64', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC')) {
      if (!isNumberFormat(format)) throw unsupported(at, `format ${JSON.stringify(format)} of a number`)
      if (isScalar(value.type, 'FLOAT64')) return done(`bq_cast_double(${value.sql}, ${text})`, STRING)
      return done(`bq_cast_number(CAST(${value.sql} AS VARCHAR), ${text})`, STRING)
    }
    if (isScalar(value.type, 'BYTES')) return bytes(value, format, 'bq_bytes_to', STRING, at, done)
  }
  if (isScalar(value.type, 'STRING')) {
    if (isScalar(to, 'BYTES')) return bytes(value, format, 'bq_bytes_from', BYTES, at, done)
    if (isScalar(to, 'DATE', 'DATETIME', 'TIME', 'TIMESTAMP')) {
      checkElements(format, to, at)
      const where = isScalar(to, 'TIMESTAMP') ? quoteText(zone) : `'UTC'`
      const micros = `bq_cast_parse(${value.sql}, ${text}, ${where}, ${context.now * 1000}::BIGINT)`
      if (isScalar(to, 'TIMESTAMP')) return done(`make_timestamptz(${micros})`, TIMESTAMP)
      if (isScalar(to, 'DATE')) return done(`CAST(make_timestamp(${micros}) AS DATE)`, DATE)
      if (isScalar(to, 'TIME')) return done(`CAST(make_timestamp(${micros}) AS TIME)`, TIME)
      return done(`make_timestamp(${micros})`, DATETIME)
    }
  }
  throw invalid(at, `CAST from ${typeText(value.type)} to ${typeText(to)} does not take a FORMAT`)
}

function bytes(
  value: Typed,
  format: string,
  fn: string,
  type: Type,
  at: number,
  done: (sql: string, type: Type) => Typed,
): Typed {
  const name = format.toUpperCase()
  if (name === 'UTF-8' || name === 'UTF8')
    return done(fn === 'bq_bytes_to' ? `bq_utf8(${value.sql})` : `encode(${value.sql})`, type)
  if (name === 'BASE32')
    return done(fn === 'bq_bytes_to' ? `bq_to_base32(${value.sql})` : `bq_from_base32(${value.sql})`, type)
  const encoding = Object.hasOwn(encodings, name) ? encodings[name]! : null
  if (!encoding) throw invalid(at, `Invalid format ${JSON.stringify(format)} for BYTES`)
  return done(`${fn}(${value.sql}, '${encoding}')`, type)
}

/** Elements and the ones of PARSE_DATE and its kin that mean the same. */
const patterns: Readonly<Record<string, string>> = {
  YYYY: '%Y',
  YY: '%y',
  MM: '%m',
  MONTH: '%B',
  MON: '%b',
  DD: '%d',
  DDD: '%j',
  HH24: '%H',
  HH: '%I',
  HH12: '%I',
  MI: '%M',
  SS: '%S',
  AM: '%p',
  PM: '%p',
}

/** A FORMAT as the pattern of `bq_parse`, for loads. */
export function formatPattern(format: string, at: number): string {
  const elements = dateElements(format)
  const out = elements?.map(({ name, text }) =>
    name === 'text' ? text.replaceAll('%', '%%') : patterns[name],
  )
  if (!out || out.includes(undefined)) throw unsupported(at, `format ${JSON.stringify(format)}`)
  return out.join('')
}
