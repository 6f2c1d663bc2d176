import { castValue } from '../analyze/cast.ts'
import { timestampSql } from '../analyze/coerce.ts'
import { typed } from '../analyze/typed.ts'
import { checkZone, toCivil, toInstant } from '../analyze/zones.ts'
import { DATE, DATETIME, STRING, TIME } from '../types/type.ts'
import { define, type EmitContext, type FunctionEntry } from './define.ts'

const civilIn = (x: string, z: string | undefined, c: EmitContext): string =>
  toCivil(x, z && checkZone(z, c.at))
const instantIn = (x: string, z: string | undefined, c: EmitContext): string =>
  toInstant(x, z && checkZone(z, c.at))

const nowTimestamp = (c: EmitContext): string => timestampSql(BigInt(c.now) * 1000n, false)

const units = (size: number): string => (size === 1 ? '' : ` * ${size}`)

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/timestamp_functions and its neighbours. */
export const temporalFunctions: FunctionEntry[] = [
  define('CURRENT_TIMESTAMP', '-> TIMESTAMP', (_a, c) => nowTimestamp(c)),
  define('CURRENT_DATE', 'STRING? -> DATE', ([z], c) => `CAST(${civilIn(nowTimestamp(c), z, c)} AS DATE)`),
  define('CURRENT_DATETIME', 'STRING? -> DATETIME', ([z], c) => civilIn(nowTimestamp(c), z, c)),
  define('CURRENT_TIME', 'STRING? -> TIME', ([z], c) => `CAST(${civilIn(nowTimestamp(c), z, c)} AS TIME)`),

  define(
    'DATE',
    'INT64, INT64, INT64 -> DATE',
    ([y, m, d]) => `CAST(bq_make_date_text(${y}, ${m}, ${d}) AS DATE)`,
  ),
  define('DATE', 'TIMESTAMP, STRING? -> DATE', ([x, z], c) => `CAST(${civilIn(x!, z, c)} AS DATE)`),
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
  define('DATETIME', 'TIMESTAMP, STRING? -> DATETIME', ([x, z], c) => civilIn(x!, z, c)),
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
  define('TIME', 'TIMESTAMP, STRING? -> TIME', ([x, z], c) => `CAST(${civilIn(x!, z, c)} AS TIME)`),
  define('TIME', 'DATETIME -> TIME', ([x]) => `CAST(${x} AS TIME)`),
  define('TIME', 'STRING -> TIME', ([x], c) => castValue(typed(x!, STRING), TIME, false, c.at).sql),
  define(
    'TIMESTAMP',
    'STRING, STRING? -> TIMESTAMP',
    ([x, z], c) => `make_timestamptz(bq_text_timestamp(${x}, ${z ? checkZone(z, c.at) : `'UTC'`}))`,
  ),
  define('TIMESTAMP', 'DATE, STRING? -> TIMESTAMP', ([x, z], c) =>
    instantIn(`CAST(${x} AS TIMESTAMP)`, z, c),
  ),
  define('TIMESTAMP', 'DATETIME, STRING? -> TIMESTAMP', ([x, z], c) => instantIn(x!, z, c)),
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
    ([p, x]) => `bq_format(${p}, epoch_us(CAST(${x} AS TIMESTAMP)), 'UTC')`,
  ),
  define(
    'FORMAT_DATETIME',
    'STRING, DATETIME -> STRING',
    ([p, x]) => `bq_format(${p}, epoch_us(${x}), 'UTC')`,
  ),
  define('FORMAT_TIME', 'STRING, TIME -> STRING', ([p, x]) => `bq_format(${p}, epoch_us(${x}), 'UTC')`),
  define(
    'FORMAT_TIMESTAMP',
    'STRING, TIMESTAMP, STRING? -> STRING',
    ([p, x, z]) => `bq_format(${p}, epoch_us(${x}), ${z ?? `'UTC'`})`,
  ),
  define(
    'PARSE_DATE',
    'STRING, STRING -> DATE',
    ([p, x]) => `CAST(bq_parse(${p}, ${x}, 'DATE', 'UTC') AS DATE)`,
  ),
  define(
    'PARSE_DATETIME',
    'STRING, STRING -> DATETIME',
    ([p, x]) => `make_timestamp(CAST(bq_parse(${p}, ${x}, 'DATETIME', 'UTC') AS BIGINT))`,
  ),
  define(
    'PARSE_TIME',
    'STRING, STRING -> TIME',
    ([p, x]) => `CAST(bq_parse(${p}, ${x}, 'TIME', 'UTC') AS TIME)`,
  ),
  define(
    'PARSE_TIMESTAMP',
    'STRING, STRING, STRING? -> TIMESTAMP',
    ([p, x, z]) => `make_timestamptz(CAST(bq_parse(${p}, ${x}, 'TIMESTAMP', ${z ?? `'UTC'`}) AS BIGINT))`,
  ),
].flat()
