import { castValue } from '../analyze/cast.ts'
import { timestampSql } from '../analyze/coerce.ts'
import { constantText, typed } from '../analyze/typed.ts'
import { unsupported } from '../sql/problem.ts'
import { quoteText } from '../types/duck.ts'
import { DATE, DATETIME, STRING, TIME } from '../types/type.ts'
import { define, type EmitContext, type FunctionEntry } from './define.ts'

/** Zones are checked when the query runs, since any STRING may be one. */
const zone = (sql: string | undefined): string => (sql === undefined ? `'UTC'` : `bq_zone(${sql})`)
const at = (x: string, z?: string): string => `(${x} AT TIME ZONE ${zone(z)})`

const nowTimestamp = (c: EmitContext): string => timestampSql(BigInt(c.now) * 1000n, false)

function format(i: number, c: EmitContext, name: string): string {
  const text = constantText(c.args[i])
  if (text === null) throw unsupported(c.at, `${name} with a format that is not constant`)
  return quoteText(text)
}

const units = (size: number): string => (size === 1 ? '' : ` * ${size}`)

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/timestamp_functions and its neighbours. */
export const temporalFunctions: FunctionEntry[] = [
  define('CURRENT_TIMESTAMP', '-> TIMESTAMP', (_a, c) => nowTimestamp(c)),
  define('CURRENT_DATE', 'STRING? -> DATE', ([z], c) => `CAST(${at(nowTimestamp(c), z)} AS DATE)`),
  define('CURRENT_DATETIME', 'STRING? -> DATETIME', ([z], c) => at(nowTimestamp(c), z)),
  define('CURRENT_TIME', 'STRING? -> TIME', ([z], c) => `CAST(${at(nowTimestamp(c), z)} AS TIME)`),

  define(
    'DATE',
    'INT64, INT64, INT64 -> DATE',
    ([y, m, d]) => `CAST(bq_make_date_text(${y}, ${m}, ${d}) AS DATE)`,
  ),
  define('DATE', 'TIMESTAMP, STRING? -> DATE', ([x, z]) => `CAST(${at(x!, z)} AS DATE)`),
  define('DATE', 'DATETIME -> DATE', ([x]) => `CAST(${x} AS DATE)`),
  define('DATE', 'DATE -> DATE', ([x]) => x!),
  define('DATE', 'STRING -> DATE', ([x], c) => castValue(typed(x!, STRING), DATE, false, c.at).sql),
  define(
    'DATETIME',
    'INT64, INT64, INT64, INT64, INT64, INT64 -> DATETIME',
    ([y, mo, d, h, mi, s]) =>
      `(CAST(CAST(bq_make_date_text(${y}, ${mo}, ${d}) AS DATE) AS TIMESTAMP) + to_microseconds(bq_time_micros(${h}, ${mi}, ${s})))`,
  ),
  define('DATETIME', 'DATE -> DATETIME', ([x]) => `CAST(${x} AS TIMESTAMP)`),
  define('DATETIME', 'DATE, TIME -> DATETIME', ([x, t]) => `(${x} + ${t})`),
  define('DATETIME', 'TIMESTAMP, STRING? -> DATETIME', ([x, z]) => at(x!, z)),
  define('DATETIME', 'DATETIME -> DATETIME', ([x]) => x!),
  define(
    'DATETIME',
    'STRING -> DATETIME',
    ([x], c) => castValue(typed(x!, STRING), DATETIME, false, c.at).sql,
  ),
  define(
    'TIME',
    'INT64, INT64, INT64 -> TIME',
    ([h, m, s]) => `CAST(TIME '00:00:00' + to_microseconds(bq_time_micros(${h}, ${m}, ${s})) AS TIME)`,
  ),
  define('TIME', 'TIMESTAMP, STRING? -> TIME', ([x, z]) => `CAST(${at(x!, z)} AS TIME)`),
  define('TIME', 'DATETIME -> TIME', ([x]) => `CAST(${x} AS TIME)`),
  define('TIME', 'STRING -> TIME', ([x], c) => castValue(typed(x!, STRING), TIME, false, c.at).sql),
  define(
    'TIMESTAMP',
    'STRING, STRING? -> TIMESTAMP',
    ([x, z]) => `make_timestamptz(bq_text_timestamp(${x}, ${z ?? `'UTC'`}))`,
  ),
  define('TIMESTAMP', 'DATE, STRING? -> TIMESTAMP', ([x, z]) => at(`CAST(${x} AS TIMESTAMP)`, z)),
  define('TIMESTAMP', 'DATETIME, STRING? -> TIMESTAMP', ([x, z]) => at(x!, z)),
  define('TIMESTAMP', 'TIMESTAMP -> TIMESTAMP', ([x]) => x!),

  ...[
    ['SECOND', 1_000_000],
    ['MILLI', 1000],
    ['MICRO', 1],
  ].flatMap(([name, size]) => [
    define(
      `TIMESTAMP_${name}S`,
      'INT64 -> TIMESTAMP',
      ([x]) => `make_timestamptz(${x}${units(size as number)})`,
    ),
    define(`UNIX_${name}S`, 'TIMESTAMP -> INT64', ([x]) =>
      size === 1 ? `epoch_us(${x})` : `CAST(floor(epoch_us(${x}) / ${size}) AS BIGINT)`,
    ),
  ]),
  define('UNIX_DATE', 'DATE -> INT64', ([x]) => `CAST(${x} - DATE '1970-01-01' AS BIGINT)`),
  define('DATE_FROM_UNIX_DATE', 'INT64 -> DATE', ([x]) => `(DATE '1970-01-01' + CAST(${x} AS INTEGER))`),

  define(
    'FORMAT_DATE',
    'STRING, DATE -> STRING',
    ([, x], c) => `bq_format(${format(0, c, 'FORMAT_DATE')}, epoch_us(CAST(${x} AS TIMESTAMP)), 'UTC')`,
  ),
  define(
    'FORMAT_DATETIME',
    'STRING, DATETIME -> STRING',
    ([, x], c) => `bq_format(${format(0, c, 'FORMAT_DATETIME')}, epoch_us(${x}), 'UTC')`,
  ),
  define(
    'FORMAT_TIME',
    'STRING, TIME -> STRING',
    ([, x], c) => `bq_format(${format(0, c, 'FORMAT_TIME')}, epoch_us(${x}), 'UTC')`,
  ),
  define(
    'FORMAT_TIMESTAMP',
    'STRING, TIMESTAMP, STRING? -> STRING',
    ([, x, z], c) => `bq_format(${format(0, c, 'FORMAT_TIMESTAMP')}, epoch_us(${x}), ${z ?? `'UTC'`})`,
  ),
  define(
    'PARSE_DATE',
    'STRING, STRING -> DATE',
    ([, x], c) => `CAST(bq_parse(${format(0, c, 'PARSE_DATE')}, ${x}, 'DATE', 'UTC') AS DATE)`,
  ),
  define(
    'PARSE_DATETIME',
    'STRING, STRING -> DATETIME',
    ([, x], c) =>
      `make_timestamp(CAST(bq_parse(${format(0, c, 'PARSE_DATETIME')}, ${x}, 'DATETIME', 'UTC') AS BIGINT))`,
  ),
  define(
    'PARSE_TIME',
    'STRING, STRING -> TIME',
    ([, x], c) => `CAST(bq_parse(${format(0, c, 'PARSE_TIME')}, ${x}, 'TIME', 'UTC') AS TIME)`,
  ),
  define(
    'PARSE_TIMESTAMP',
    'STRING, STRING, STRING? -> TIMESTAMP',
    ([, x, z], c) =>
      `make_timestamptz(CAST(bq_parse(${format(0, c, 'PARSE_TIMESTAMP')}, ${x}, 'TIMESTAMP', ${z ?? `'UTC'`}) AS BIGINT))`,
  ),
].flat()
