import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import { duckType } from '../types/duck.ts'
import { isScalar, sameType, type Type, typeText } from '../types/type.ts'
import { castFormat } from './cast-format.ts'
import { coerce } from './coerce.ts'
import type { Env } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { failWith, safely } from './fail.ts'
import { constantText, isNullLiteral, nullOf, typed, type Typed } from './typed.ts'
import { resolveType } from './types.ts'

/** CAST and SAFE_CAST. https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions#cast */
export function analyzeCast(expression: Expression & { kind: 'cast' }, env: Env): Typed {
  const { at, safe } = expression
  const to = resolveType(expression.type)
  const value = analyzeExpression(expression.operand, env)
  if (expression.format) {
    const format = constantText(analyzeExpression(expression.format, env))
    if (format === null) throw unsupported(expression.format.at, 'CAST with a FORMAT that is not constant')
    const zone = expression.zone ? constantText(analyzeExpression(expression.zone, env)) : 'UTC'
    if (zone === null) throw unsupported(at, 'CAST AT TIME ZONE with a zone that is not constant')
    return castFormat(value, to, format, zone, safe, at, env.context)
  }
  const result = castValue(value, to, safe, at)
  if (expression.type.kind !== 'named' || expression.type.parameters.length === 0) return result
  const limited = limitTo(result, expression.type.parameters, at)
  return safe ? typed(safely(limited, [value.sql], to), to) : typed(limited, to)
}

export function castValue(value: Typed, to: Type, safe: boolean, at: number): Typed {
  if (isNullLiteral(value)) return nullOf(to)
  if (sameType(value.type, to)) return typed(value.sql, to)
  // A float literal becomes a decimal by its own digits.
  const digits = value.literal?.kind === 'float' && isScalar(to, 'NUMERIC', 'BIGNUMERIC')
  if (digits || value.literal?.kind === 'array' || value.literal?.kind === 'struct') {
    const coerced = coerce(value, to, at)
    if (coerced) return typed(coerced.sql, to)
  }
  const sql = convert(value, to, at)
  if (sql === null) {
    const arrays = value.type.kind === 'array' && to.kind === 'array'
    throw invalid(
      at,
      `${arrays ? 'Casting between arrays with incompatible element types is not supported: ' : ''}Invalid cast from ${typeText(value.type)} to ${typeText(to)}`,
    )
  }
  if (!safe) return typed(sql, to)
  if (/\bSELECT\b/.test(value.sql)) throw unsupported(at, 'SAFE_CAST of a subquery')
  return typed(safely(sql, [value.sql], to), to)
}

/** CAST(… AS STRING(3)) and NUMERIC(5, 2): too long is an error, too many digits after the point are rounded. */
function limitTo(value: Typed, parameters: readonly string[], at: number): string {
  const [size, scale = 0] = parameters.map(Number)
  const { type, sql } = value
  if (isScalar(type, 'STRING', 'BYTES')) {
    if (parameters.length !== 1 || !(size! > 0)) throw invalid(at, `${typeText(type)} takes one length`)
    const length = isScalar(type, 'STRING') ? `length(${sql})` : `octet_length(${sql})`
    const failure = failWith(
      `'Value has length ' || ${length} || ', which exceeds the maximum length of ${typeText(type)}(${size})'`,
      type,
    )
    return `CASE WHEN ${length} > ${size} THEN ${failure} ELSE ${sql} END`
  }
  if (!isScalar(type, 'NUMERIC', 'BIGNUMERIC'))
    throw invalid(at, `${typeText(type)} does not support type parameters`)
  const [most, digits] = isScalar(type, 'NUMERIC') ? [9, 29] : [38, 38]
  if (scale > most || size! < Math.max(1, scale) || size! > scale + digits)
    throw invalid(at, `Invalid precision and scale of ${typeText(type)}`)
  const family = isScalar(type, 'NUMERIC') ? 'numeric' : 'bignumeric'
  const rounded = `bq_${family}_round(${sql}, ${scale}::BIGINT, 'ROUND_HALF_AWAY_FROM_ZERO')`
  const text = isScalar(type, 'NUMERIC') ? `bq_numeric_text(${rounded})` : rounded
  const whole = `length(regexp_extract(${text}, '^-?0*([0-9]*)', 1))`
  const failure = failWith(
    `${text} || ' is not within the precision and scale of ${typeText(type)}(${parameters.join(', ')})'`,
    type,
  )
  return `CASE WHEN ${whole} > ${size! - scale} THEN ${failure} ELSE ${rounded} END`
}

type Conversion = (sql: string, type: Type) => string

const plain: Conversion = (sql, type) => `CAST(${sql} AS ${duckType(type)})`

/** From a type to a type; absent pairs are refused. */
const conversions: Readonly<Record<string, Readonly<Record<string, Conversion>>>> = {
  INT64: {
    BOOL: (x) => `(${x} <> 0)`,
    STRING: plain,
    FLOAT64: plain,
    NUMERIC: plain,
    BIGNUMERIC: (x) => `CAST(${x} AS VARCHAR)`,
  },
  FLOAT64: {
    INT64: roundToInteger,
    STRING: (x) => `bq_float_text(${x})`,
    NUMERIC: (x) => `bq_float_numeric(${x})`,
    BIGNUMERIC: (x) => `bq_float_bignumeric(${x})`,
  },
  NUMERIC: {
    INT64: roundToInteger,
    FLOAT64: plain,
    STRING: (x) => `bq_numeric_text(${x})`,
    BIGNUMERIC: (x) => `bq_numeric_text(${x})`,
  },
  INTERVAL: { STRING: (x) => `bq_interval_text(${x})` },
  BIGNUMERIC: {
    INT64: (x) => `bq_bignumeric_integer(${x})`,
    FLOAT64: plain,
    STRING: (x) => x,
    NUMERIC: (x) => `bq_text_numeric(${x})`,
  },
  BOOL: { INT64: plain, STRING: plain },
  STRING: {
    BOOL: (x, t) =>
      `CASE lower(${x}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE CASE WHEN ${x} IS NOT NULL THEN ${failWith(`'Bad bool value: ' || ${x}`, t)} END END`,
    INT64: textToInteger,
    FLOAT64: textToFloat,
    NUMERIC: (x) => `bq_text_numeric(${x})`,
    BIGNUMERIC: (x) => `bq_bignumeric(${x})`,
    BYTES: (x) => `encode(${x})`,
    INTERVAL: (x) => `bq_text_interval(${x})`,
    DATE: (x) => `CAST(bq_text_date(${x}) AS DATE)`,
    DATETIME: (x) => `CAST(make_timestamp(bq_text_datetime(${x})) AS TIMESTAMP)`,
    TIME: (x) => `CAST(bq_text_time(${x}) AS TIME)`,
    TIMESTAMP: (x) => `make_timestamptz(bq_text_timestamp(${x}, 'UTC'))`,
  },
  BYTES: { STRING: (x) => `bq_utf8(${x})` },
  DATE: {
    STRING: plain,
    DATETIME: plain,
    TIMESTAMP: (x) => `CAST(CAST(${x} AS TIMESTAMP) AS TIMESTAMPTZ)`,
  },
  DATETIME: {
    STRING: (x) => `bq_datetime_text(epoch_us(${x}))`,
    DATE: plain,
    TIME: plain,
    TIMESTAMP: plain,
  },
  TIME: { STRING: (x) => `bq_time_text(epoch_us(${x}))` },
  TIMESTAMP: {
    STRING: (x) => `(bq_datetime_text(epoch_us(${x})) || '+00')`,
    DATE: (x) => `CAST((${x} AT TIME ZONE 'UTC') AS DATE)`,
    DATETIME: (x) => `(${x} AT TIME ZONE 'UTC')`,
    TIME: (x) => `CAST((${x} AT TIME ZONE 'UTC') AS TIME)`,
  },
}

function convert(value: Typed, to: Type, at: number): string | null {
  const from = value.type
  if (from.kind === 'scalar' && to.kind === 'scalar') {
    return conversions[from.name]?.[to.name]?.(value.sql, to) ?? null
  }
  return coerce(value, to, at)?.sql ?? null
}

/** DuckDB rounds half to even; BigQuery half away from zero. */
function roundToInteger(sql: string): string {
  return `CAST(round(${sql}) AS BIGINT)`
}

function textToInteger(sql: string, type: Type): string {
  const number = `regexp_full_match(${sql}, '\\s*[+-]?[0-9]+\\s*')`
  return `CASE WHEN ${number} THEN CAST(trim(${sql}) AS BIGINT) WHEN ${sql} IS NULL THEN NULL WHEN regexp_full_match(${sql}, '\\s*[+-]?0[xX][0-9a-fA-F]+\\s*') THEN bq_hex_integer(${sql}) ELSE ${failWith(`'Bad int64 value: ' || ${sql}`, type)} END`
}

function textToFloat(sql: string, type: Type): string {
  const number = `regexp_full_match(${sql}, '\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*')`
  const special = `regexp_full_match(${sql}, '(?i)[+-]?(inf|infinity|nan)')`
  return `CASE WHEN ${number} OR ${special} THEN CAST(trim(${sql}) AS DOUBLE) WHEN ${sql} IS NULL THEN NULL ELSE ${failWith(`'Bad double value: ' || ${sql}`, type)} END`
}
