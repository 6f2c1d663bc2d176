import { define, type FunctionEntry } from './define.ts'

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/conditional_expressions */
export const conditionalFunctions: FunctionEntry[] = [
  define('IFNULL', 'T, T -> T', ([a, b]) => `COALESCE(${a}, ${b})`),
  define('COALESCE', 'T... -> T', (a) => `COALESCE(${a.join(', ')})`),
  define('NULLIF', 'O, O -> O', ([a, b]) => `NULLIF(${a}, ${b})`),
  define('GREATEST', 'O... -> O', (a) => extreme('greatest', a)),
  define('LEAST', 'O... -> O', (a) => extreme('least', a)),
].flat()

/** NULL as soon as one argument is; DuckDB would leave it out. */
function extreme(fn: string, args: readonly string[]): string {
  if (args.length === 1) return args[0]!
  return `CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(' OR ')} THEN NULL ELSE ${fn}(${args.join(', ')}) END`
}
