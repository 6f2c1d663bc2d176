import { createHash } from 'node:crypto'
import type { DuckDBBlobValue } from '@duckdb/node-api'
import { BIGINT, BLOB, BOOLEAN, DECIMAL, DOUBLE, DuckDBDecimalValue, VARCHAR } from '@duckdb/node-api'
import { canonicalJson, doubleText, jsonNumberText } from '../../types/json.ts'
import { BIGNUMERIC_LIMIT, decimalText, NUMERIC_LIMIT, parseDecimal } from '../../types/numeric.ts'
import {
  civilToInstant,
  datetimeText,
  isZone,
  parseDate,
  parseDatetime,
  parseTime,
  parseTimestamp,
  timeText,
  zoneOffset,
} from '../../types/temporal.ts'
import { formatTime, parseByFormat } from './date-format.ts'
import { bytesFunctions } from './bytes.ts'
import { castFormatFunctions } from './cast-format.ts'
import { jsonEditFunctions } from './json-edit.ts'
import { literalFunctions } from './literal.ts'
import { netFunctions } from './net.ts'
import { regexpFunctions } from './regexp.ts'
import { decimalFunctions } from './decimal.ts'
import { native, type NativeFunction, need } from './define.ts'
import { farmFingerprint } from './farm-hash.ts'
import { formatFloat, formatInteger, formatNumeric, formatText } from './format.ts'
import { jsonInteger, jsonKeys, laxBool, laxFloat, laxInteger, laxString, prettyJson } from './json.ts'
import { intervalFunctions } from './interval.ts'
import { editDistance, initcap, instr, normalize, soundex, translate } from './text.ts'

const NUMERIC = DECIMAL(38, 9)

function numeric(value: bigint, what: string): DuckDBDecimalValue {
  if (value >= NUMERIC_LIMIT || value <= -NUMERIC_LIMIT) throw new Error(`numeric overflow: ${what}`)
  return new DuckDBDecimalValue(value, 38, 9)
}

function textNumeric(text: string): DuckDBDecimalValue {
  const value = parseDecimal(text, 9)
  if (value === null) throw new Error(`Invalid NUMERIC value: ${text}`)
  return numeric(value, text)
}

function utf8(bytes: DuckDBBlobValue, fatal: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(bytes.bytes)
  } catch {
    throw new Error('Invalid UTF-8 string')
  }
}

function knownZone(zone: string): string {
  return isZone(zone) ? zone : need<string>(null, `Invalid time zone: ${zone}`)
}

function makeDate(year: bigint, month: bigint, day: bigint): string {
  return need(
    year >= 0n && month >= 0n && day >= 0n
      ? parseDate(`${year.toString().padStart(4, '0')}-${month}-${day}`)
      : null,
    `Input calculates to invalid date: ${year.toString().padStart(4, '0')}-${month.toString().padStart(2, '0')}-${day.toString().padStart(2, '0')}`,
  )
}

export const nativeFunctions: readonly NativeFunction[] = [
  native('bq_error', [VARCHAR], VARCHAR, (text: string) => {
    throw new Error(text)
  }),
  ...decimalFunctions,
  ...literalFunctions,
  ...castFormatFunctions,
  ...regexpFunctions,
  ...bytesFunctions,
  ...netFunctions,
  ...jsonEditFunctions,
  ...intervalFunctions,
  native('bq_numeric_text', [NUMERIC], VARCHAR, (x: DuckDBDecimalValue) => decimalText(x.value, 9)),
  native('bq_text_numeric', [VARCHAR], NUMERIC, textNumeric),
  native('bq_float_numeric', [DOUBLE], NUMERIC, (x: number) =>
    Number.isFinite(x)
      ? numeric(parseDecimal(x.toPrecision(17), 9)!, String(x))
      : need(null, `Illegal conversion of non-finite floating point number to numeric: ${x}`),
  ),
  native('bq_float_text', [DOUBLE], VARCHAR, (x: number) => doubleText(x)),
  native('bq_bignumeric', [VARCHAR], VARCHAR, (text: string) => {
    const value = need(parseDecimal(text, 38), `Invalid BIGNUMERIC value: ${text}`)
    if (value >= BIGNUMERIC_LIMIT || value < -BIGNUMERIC_LIMIT)
      throw new Error(`bignumeric overflow: ${text}`)
    return decimalText(value, 38)
  }),
  // Without sign: bits that fall off are lost, zeros come in.
  native('bq_shift_left', [BIGINT, BIGINT], BIGINT, (x: bigint, n: bigint) =>
    n < 0n ? need(null, 'Bitwise shift by negative offset.') : n >= 64n ? 0n : BigInt.asIntN(64, x << n),
  ),
  native('bq_shift_right', [BIGINT, BIGINT], BIGINT, (x: bigint, n: bigint) =>
    n < 0n
      ? need(null, 'Bitwise shift by negative offset.')
      : n >= 64n
        ? 0n
        : BigInt.asIntN(64, BigInt.asUintN(64, x) >> n),
  ),
  native('bq_hex_integer', [VARCHAR], BIGINT, (text: string) => {
    const bare = text.trim()
    const value = BigInt(bare.replace(/^[+-]/, '')) * (bare.startsWith('-') ? -1n : 1n)
    return value >= -(1n << 63n) && value < 1n << 63n ? value : need(null, `Bad int64 value: ${text}`)
  }),
  native('bq_text_date', [VARCHAR], VARCHAR, (text: string) =>
    need(parseDate(text), `Invalid date: '${text}'`),
  ),
  native('bq_text_time', [VARCHAR], VARCHAR, (text: string) =>
    need(parseTime(text), `Invalid time string "${text}"`),
  ),
  native('bq_text_datetime', [VARCHAR], BIGINT, (text: string) =>
    need(parseDatetime(text), `Invalid datetime string "${text}"`),
  ),
  native('bq_text_timestamp', [VARCHAR, VARCHAR], BIGINT, (text: string, zone: string) =>
    need(parseTimestamp(text, zone), `Invalid timestamp: '${text}'`),
  ),
  native('bq_datetime_text', [BIGINT], VARCHAR, (micros: bigint) => datetimeText(micros, ' ')),
  native('bq_zoned_text', [BIGINT, VARCHAR], VARCHAR, (micros: bigint, zone: string) => {
    const offset = need(zoneOffset(micros, knownZone(zone)), `Invalid time zone: ${zone}`)
    const minutes = (offset < 0n ? -offset : offset) / 60_000_000n
    const two = (value: bigint): string => value.toString().padStart(2, '0')
    const rest = minutes % 60n === 0n ? '' : `:${two(minutes % 60n)}`
    return `${datetimeText(micros + offset, ' ')}${offset < 0n ? '-' : '+'}${two(minutes / 60n)}${rest}`
  }),
  // Commas anywhere, blanks around the sign, and a sign behind the digits.
  native('bq_number_text', [VARCHAR], VARCHAR, (text: string) => {
    const match = /^\s*([+-]?)\s*([\d,]*(?:\.[\d,]*)?(?:[eE][+-]?\d+)?)\s*([+-]?)\s*$/.exec(text)
    if (!match || (match[1] !== '' && match[3] !== '') || !/\d/.test(match[2]!))
      return need<string>(null, `Invalid NUMERIC value: ${text}`)
    return `${match[1]}${match[3]}${match[2]!.replaceAll(',', '')}`
  }),
  native('bq_time_text', [BIGINT], VARCHAR, timeText),
  native(
    'bq_civil',
    [BIGINT, VARCHAR],
    BIGINT,
    (micros: bigint, zone: string) =>
      micros + need(zoneOffset(micros, knownZone(zone)), `Invalid time zone: ${zone}`),
  ),
  native('bq_instant', [BIGINT, VARCHAR], BIGINT, (micros: bigint, zone: string) =>
    need(civilToInstant(micros, knownZone(zone)), `Invalid time zone: ${zone}`),
  ),
  native('bq_make_date_text', [BIGINT, BIGINT, BIGINT], VARCHAR, makeDate),
  native('bq_time_micros', [BIGINT, BIGINT, BIGINT], BIGINT, (h: bigint, m: bigint, s: bigint) =>
    h >= 0n && h < 24n && m >= 0n && m < 60n && s >= 0n && s < 60n
      ? (h * 3600n + m * 60n + s) * 1_000_000n
      : need(null, `Input calculates to invalid time: ${h}:${m}:${s}`),
  ),
  native('bq_format', [VARCHAR, BIGINT, VARCHAR], VARCHAR, formatTime),
  native('bq_parse', [VARCHAR, VARCHAR, VARCHAR, VARCHAR], VARCHAR, parseByFormat),
  native('bq_utf8', [BLOB], VARCHAR, (bytes: DuckDBBlobValue) => utf8(bytes, true)),
  native('bq_utf8_replace', [BLOB], VARCHAR, (bytes: DuckDBBlobValue) => utf8(bytes, false)),
  native('bq_sha512', [BLOB], VARCHAR, (bytes: DuckDBBlobValue) =>
    createHash('sha512').update(bytes.bytes).digest('hex'),
  ),
  native('bq_farm_fingerprint', [BLOB], BIGINT, (bytes: DuckDBBlobValue) => farmFingerprint(bytes.bytes)),
  native('bq_format_int', [VARCHAR, BIGINT], VARCHAR, formatInteger),
  native('bq_format_float', [VARCHAR, DOUBLE], VARCHAR, formatFloat),
  native('bq_format_numeric', [VARCHAR, NUMERIC], VARCHAR, (specifier: string, x: DuckDBDecimalValue) =>
    formatNumeric(specifier, x.value),
  ),
  native('bq_format_text', [VARCHAR, VARCHAR], VARCHAR, formatText),
  native('bq_initcap', [VARCHAR, VARCHAR], VARCHAR, initcap),
  native('bq_instr', [VARCHAR, VARCHAR, BIGINT, BIGINT], BIGINT, instr),
  native('bq_reverse', [VARCHAR], VARCHAR, (x: string) => Array.from(x).toReversed().join('')),
  native('bq_contains_substr', [VARCHAR, VARCHAR], BOOLEAN, (x: string, y: string) =>
    normalize(x, 'NFKC', true).includes(normalize(y, 'NFKC', true)),
  ),
  native('bq_normalize', [VARCHAR, VARCHAR, BOOLEAN], VARCHAR, normalize),
  native('bq_chr', [BIGINT], VARCHAR, (code: bigint) => {
    const valid = code >= 0n && code <= 0x10ffffn && !(code >= 0xd800n && code <= 0xdfffn)
    if (!valid) return need<string>(null, `Invalid codepoint ${code}`)
    return code === 0n ? '' : String.fromCodePoint(Number(code))
  }),
  native('bq_soundex', [VARCHAR], VARCHAR, soundex),
  native('bq_translate', [VARCHAR, VARCHAR, VARCHAR], VARCHAR, translate),
  native('bq_edit_distance', [VARCHAR, VARCHAR], BIGINT, editDistance),
  native('bq_code_points', [VARCHAR], VARCHAR, (x: string) =>
    JSON.stringify(Array.from(x, (char) => char.codePointAt(0))),
  ),
  native('bq_parse_json', [VARCHAR, VARCHAR], VARCHAR, (text: string, mode: string) =>
    need(
      canonicalJson(text, mode === 'exact' ? 'exact' : 'round'),
      `Invalid input to PARSE_JSON: ${text.slice(0, 80)}`,
    ),
  ),
  native('bq_json_string', [VARCHAR], VARCHAR, (text: string) => JSON.stringify(text)),
  native('bq_json_float', [DOUBLE], VARCHAR, (x: number) =>
    Number.isFinite(x) ? doubleText(x) : JSON.stringify(jsonNumberText(x)),
  ),
  native('bq_json_double', [DOUBLE], VARCHAR, (x: number) =>
    Number.isFinite(x) ? jsonNumberText(x) : JSON.stringify(jsonNumberText(x)),
  ),
  native('bq_json_numeric', [NUMERIC], VARCHAR, (x: DuckDBDecimalValue) => {
    const text = decimalText(x.value, 9)
    return decimalText(parseDecimal(String(Number(text)), 9) ?? 0n, 9) === text ? text : JSON.stringify(text)
  }),
  native('bq_json_keys', [VARCHAR, BIGINT, VARCHAR], VARCHAR, jsonKeys),
  native('bq_json_pretty', [VARCHAR], VARCHAR, prettyJson),
  native('bq_json_integer', [VARCHAR], BIGINT, jsonInteger),
  native('bq_lax_string', [VARCHAR], VARCHAR, laxString),
  native('bq_lax_int64', [VARCHAR], BIGINT, laxInteger),
  native('bq_lax_float64', [VARCHAR], DOUBLE, laxFloat),
  native('bq_lax_bool', [VARCHAR], BOOLEAN, laxBool),
]
