import { failText } from '../analyze/fail.ts'
import { duckType } from '../types/duck.ts'
import { arrayOf, DATE, FLOAT64, INT64, NUMERIC, STRING } from '../types/type.ts'
import { define, type FunctionEntry } from './define.ts'

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/array_functions */
export const arrayFunctions: FunctionEntry[] = [
  define('ARRAY_LENGTH', 'ARRAY<T> -> INT64', ([x]) => `CAST(len(${x}) AS BIGINT)`),
  define('ARRAY_REVERSE', 'ARRAY<T> -> ARRAY<T>', ([x]) => `list_reverse(${x})`),
  define('ARRAY_CONCAT', 'ARRAY<T>... -> ARRAY<T>', (a) => {
    if (a.length === 1) return a[0]!
    const missing = a.map((x) => `${x} IS NULL`).join(' OR ')
    return `CASE WHEN ${missing} THEN NULL ELSE ${a.reduce((left, right) => `list_concat(${left}, ${right})`)} END`
  }),
  define(
    'ARRAY_TO_STRING',
    'ARRAY<STRING>, STRING -> STRING',
    ([x, d]) => `array_to_string(list_filter(${x}, lambda e: e IS NOT NULL), ${d})`,
  ),
  define(
    'ARRAY_TO_STRING',
    'ARRAY<STRING>, STRING, STRING -> STRING',
    ([x, d, n]) => `array_to_string(list_transform(${x}, lambda e: COALESCE(e, ${n})), ${d})`,
  ),
  define(
    'ARRAY_FIRST',
    'ARRAY<T> -> T',
    ([x], c) => `CASE WHEN len(${x}) = 0 THEN ${failFirst(c.args[0]!.type)} ELSE (${x})[1] END`,
  ),
  define(
    'ARRAY_LAST',
    'ARRAY<T> -> T',
    ([x], c) => `CASE WHEN len(${x}) = 0 THEN ${failFirst(c.args[0]!.type)} ELSE (${x})[-1] END`,
  ),
  define(
    'ARRAY_IS_DISTINCT',
    'ARRAY<G> -> BOOL',
    ([x]) =>
      `(len(list_distinct(${x})) + CASE WHEN list_count(${x}) < len(${x}) THEN 1 ELSE 0 END = len(${x}))`,
  ),
  define('GENERATE_ARRAY', 'INT64, INT64, INT64? -> ARRAY<INT64>', ([a, b, s]) => {
    const step = s ?? 'CAST(1 AS BIGINT)'
    return `CASE WHEN ${step} = 0 THEN ${failText('Sequence step cannot be 0.', arrayOf(INT64))} ELSE generate_series(${a}, ${b}, ${step}) END`
  }),
  ...(['FLOAT64', 'NUMERIC'] as const).map((type) =>
    define('GENERATE_ARRAY', `${type}, ${type}, ${type}? -> ARRAY<${type}>`, ([a, b, s]) => {
      const duck = type === 'FLOAT64' ? 'DOUBLE' : 'DECIMAL(38,9)'
      const step = s ?? `CAST(1 AS ${duck})`
      const result = arrayOf(type === 'FLOAT64' ? FLOAT64 : NUMERIC)
      // Each element from the start, so that errors do not add up; both ends count.
      const size = `CAST(floor((${b} - ${a}) / ${step}) AS BIGINT)`
      return `CASE WHEN ${step} = 0 THEN ${failText('Sequence step cannot be 0.', result)} WHEN ${a} IS NULL OR ${b} IS NULL OR ${step} IS NULL THEN NULL ELSE list_transform(generate_series(0, ${size}), lambda i: CAST(${a} + i * ${step} AS ${duck})) END`
    }),
  ),
  define('ARRAY_SLICE', 'ARRAY<T>, INT64, INT64 -> ARRAY<T>', ([x, from, to]) => {
    const place = (i: string): string => `CASE WHEN ${i} < 0 THEN len(${x}) + ${i} ELSE ${i} END`
    return `CASE WHEN ${x} IS NULL OR ${from} IS NULL OR ${to} IS NULL THEN NULL WHEN ${place(to!)} < 0 THEN list_filter(${x}, lambda e: FALSE) ELSE list_slice(${x}, greatest(${place(from!)}, 0) + 1, ${place(to!)} + 1) END`
  }),
].flat()

function failFirst(type: Parameters<typeof duckType>[0]): string {
  const element = type.kind === 'array' ? type.element : STRING
  return failText('ARRAY_FIRST cannot get the first element of an empty array', element)
}

/** GENERATE_DATE_ARRAY's SQL; both ends count. */
export function dateArray(start: string, end: string, interval: string, negative: string): string {
  const empty = `CAST([] AS ${duckType(arrayOf(DATE))})`
  const series = `list_transform(generate_series(CAST(${start} AS TIMESTAMP), CAST(${end} AS TIMESTAMP), ${interval}), lambda d: CAST(d AS DATE))`
  return `CASE WHEN ${start} IS NULL OR ${end} IS NULL THEN NULL WHEN (${start} > ${end}) <> (${negative}) AND ${start} <> ${end} THEN ${empty} ELSE ${series} END`
}
