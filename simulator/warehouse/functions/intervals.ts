import type { CallNode } from '../analyze/call.ts'
import { coerceOrFail } from '../analyze/coerce.ts'
import type { Env } from '../analyze/context.ts'
import { analyzeInterval, civil } from '../analyze/dates.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { typed, type Typed } from '../analyze/typed.ts'
import { invalid } from '../../../sql/problem.ts'
import { DATE, DATETIME, INT64, INTERVAL, isScalar, TIMESTAMP, type Type } from '../types/type.ts'
import { readArguments } from './arguments.ts'
import { define, type FunctionEntry } from './define.ts'

const f =
  (fn: string) =>
  (a: readonly string[]): string =>
    `${fn}(${a.join(', ')})`

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/interval_functions */
export const intervalFunctions: FunctionEntry[] = [
  define('JUSTIFY_DAYS', 'INTERVAL -> INTERVAL', f('bq_justify_days')),
  define('JUSTIFY_HOURS', 'INTERVAL -> INTERVAL', f('bq_justify_hours')),
  define('JUSTIFY_INTERVAL', 'INTERVAL -> INTERVAL', f('bq_justify_interval')),
].flat()

const names = ['year', 'month', 'day', 'hour', 'minute', 'second']

/** MAKE_INTERVAL(year, month, …), each by position or name, 0 when left out. */
function makeInterval(call: CallNode, env: Env): Typed {
  const types = Object.fromEntries(names.map((name) => [name, INT64]))
  const { positional, named } = readArguments(call, [0, 6], types, env)
  const part = (i: number): string => {
    const given = positional[i]
    return given
      ? coerceOrFail(given, INT64, call.at, `Argument ${i + 1} of MAKE_INTERVAL`).sql
      : (named.get(names[i]!)?.sql ?? '0::BIGINT')
  }
  const months = `to_months(CAST(${part(0)} * 12 + ${part(1)} AS INTEGER))`
  const micros = `to_microseconds(((${part(3)} * 60 + ${part(4)}) * 60 + ${part(5)}) * 1000000)`
  return typed(`(${months} + to_days(CAST(${part(2)} AS INTEGER)) + ${micros})`, INTERVAL)
}

/** The start of the bucket a date falls into; buckets of one width count from an origin. */
function bucket(type: Type): (call: CallNode, env: Env) => Typed {
  return (call, env) => {
    const [first, width, third] = call.arguments.map((argument) => argument.value)
    if (!first || !width || call.arguments.length > 3)
      throw invalid(call.at, `Number of arguments does not match for function ${call.name[0]!.text}`)
    if (width.kind !== 'interval' || width.to !== null)
      throw invalid(width.at, 'Bucket width must be an INTERVAL of one date part')
    const months = ['MONTH', 'QUARTER', 'YEAR'].includes(width.part)
    const days = ['DAY', 'WEEK'].includes(width.part)
    if (
      (isScalar(type, 'DATE') && !months && !days) ||
      (isScalar(type, 'TIMESTAMP') && (months || width.part === 'WEEK'))
    )
      throw invalid(width.at, `Interval of ${width.part} is not supported for this bucket`)
    const [value, origin] = [first, third].map(
      (item) => item && civil(coerceOrFail(analyzeExpression(item, env), type, item.at)),
    )
    const start = origin ?? `TIMESTAMP '1950-01-01 00:00:00'`
    const sql = `time_bucket(${analyzeInterval(width, env).sql}, ${value}, ${start})`
    if (isScalar(type, 'DATE')) return typed(`CAST(${sql} AS DATE)`, DATE)
    return isScalar(type, 'TIMESTAMP')
      ? typed(`(${sql} AT TIME ZONE 'UTC')`, TIMESTAMP)
      : typed(sql, DATETIME)
  }
}

export const intervalForms: readonly [string, (call: CallNode, env: Env) => Typed][] = [
  ['MAKE_INTERVAL', makeInterval],
  ['DATE_BUCKET', bucket(DATE)],
  ['DATETIME_BUCKET', bucket(DATETIME)],
  ['TIMESTAMP_BUCKET', bucket(TIMESTAMP)],
]
