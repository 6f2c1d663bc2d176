import { define, type FunctionEntry } from './define.ts'

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/conditional_expressions */
export const conditionalFunctions: FunctionEntry[] = [
  define('IFNULL', 'T, T -> T', ([a, b]) => `COALESCE(${a}, ${b})`),
  define('COALESCE', 'T... -> T', (a) => `COALESCE(${a.join(', ')})`),
  define('NULLIF', 'G, G -> G', ([a, b]) => `NULLIF(${a}, ${b})`),
  define('GREATEST', 'FLOAT64... -> FLOAT64', (a) => notNan('greatest', a)),
  define('LEAST', 'FLOAT64... -> FLOAT64', (a) => notNan('least', a)),
  define('GREATEST', 'BIGNUMERIC... -> BIGNUMERIC', (a) => byKey('greatest', a)),
  define('LEAST', 'BIGNUMERIC... -> BIGNUMERIC', (a) => byKey('least', a)),
  define('GREATEST', 'O... -> O', (a) => extreme('greatest', a)),
  define('LEAST', 'O... -> O', (a) => extreme('least', a)),
  define('NULLIFZERO', 'INT64 -> INT64', ([x]) => `NULLIF(${x}, 0)`),
  define('NULLIFZERO', 'FLOAT64 -> FLOAT64', ([x]) => `NULLIF(${x}, 0)`),
  define('NULLIFZERO', 'NUMERIC -> NUMERIC', ([x]) => `NULLIF(${x}, 0)`),
  define('NULLIFZERO', 'BIGNUMERIC -> BIGNUMERIC', ([x]) => `NULLIF(${x}, '0')`),
  define('ZEROIFNULL', 'INT64 -> INT64', ([x]) => `COALESCE(${x}, 0)`),
  define('ZEROIFNULL', 'FLOAT64 -> FLOAT64', ([x]) => `COALESCE(${x}, 0e0)`),
  define('ZEROIFNULL', 'NUMERIC -> NUMERIC', ([x]) => `COALESCE(${x}, CAST(0 AS DECIMAL(38,9)))`),
  define('ZEROIFNULL', 'BIGNUMERIC -> BIGNUMERIC', ([x]) => `COALESCE(${x}, '0')`),
].flat()

/** NaN as soon as one argument is; DuckDB takes it for the greatest number. */
function notNan(fn: string, args: readonly string[]): string {
  if (args.length === 1) return args[0]!
  const nan = args.map((arg) => `isnan(${arg})`).join(' OR ')
  return `CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL WHEN ${nan} THEN CAST('nan' AS DOUBLE) ELSE ${fn}(${args.join(', ')}) END`
}

/** BIGNUMERIC is text in DuckDB; its key sorts as it should. */
function byKey(fn: string, args: readonly string[]): string {
  const pairs = args.map((arg) => `struct_pack(k := bq_bignumeric_key(${arg}), v := ${arg})`)
  const missing = args.map((arg) => `${arg} IS NULL`).join(' OR ')
  return args.length === 1
    ? args[0]!
    : `CASE WHEN ${missing} THEN NULL ELSE (${fn}(${pairs.join(', ')})).v END`
}

/** NULL as soon as one argument is; DuckDB would leave it out. */
function extreme(fn: string, args: readonly string[]): string {
  if (args.length === 1) return args[0]!
  return `CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL ELSE ${fn}(${args.join(', ')}) END`
}
