import { failText, failWith, safely } from '../analyze/fail.ts'
import { FLOAT64, INT64, NUMERIC, scalarNamed } from '../types/type.ts'
import { define, type FunctionEntry } from './define.ts'

const f =
  (fn: string) =>
  (a: readonly string[]): string =>
    `${fn}(${a.join(', ')})`

/** A domain error where DuckDB answers inf or NaN. */
function guard(condition: string, message: string, sql: string): string {
  return `CASE WHEN ${condition} THEN ${failText(message, FLOAT64)} ELSE ${sql} END`
}

function finite(sql: string, args: readonly string[], name: string): string {
  const inputs = args.map((arg) => `isfinite(${arg})`).join(' AND ')
  return `CASE WHEN isfinite(${sql}) OR NOT (${inputs}) THEN ${sql} ELSE ${failText(`Floating point error in function: ${name}`, FLOAT64)} END`
}

const zero = (a: string, b: string, name: string, type: typeof INT64): string =>
  failWith(
    `'division by zero: ${name}(' || CAST(${a} AS VARCHAR) || ', ' || CAST(${b} AS VARCHAR) || ')'`,
    type,
  )

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions */
export const mathFunctions: FunctionEntry[] = [
  ...['INT64', 'FLOAT64', 'NUMERIC'].flatMap((t) => [
    define('ABS', `${t} -> ${t}`, f('abs')),
    define(
      'SIGN',
      `${t} -> ${t}`,
      ([x]) =>
        `CAST(sign(${x}) AS ${t === 'INT64' ? 'BIGINT' : t === 'FLOAT64' ? 'DOUBLE' : 'DECIMAL(38,9)'})`,
    ),
    define('SAFE_NEGATE', `${t} -> ${t}`, ([x]) => safely(`-${x}`, [x!], scalarNamed(t)!)),
  ]),
  define('SAFE_ADD', 'INT64, INT64 -> INT64', ([a, b]) => safely(`${a} + ${b}`, [a!, b!], INT64)),
  define('SAFE_SUBTRACT', 'INT64, INT64 -> INT64', ([a, b]) => safely(`${a} - ${b}`, [a!, b!], INT64)),
  define('SAFE_MULTIPLY', 'INT64, INT64 -> INT64', ([a, b]) => safely(`${a} * ${b}`, [a!, b!], INT64)),
  define('SAFE_ADD', 'FLOAT64, FLOAT64 -> FLOAT64', ([a, b]) => `(${a} + ${b})`),
  define('SAFE_SUBTRACT', 'FLOAT64, FLOAT64 -> FLOAT64', ([a, b]) => `(${a} - ${b})`),
  define('SAFE_MULTIPLY', 'FLOAT64, FLOAT64 -> FLOAT64', ([a, b]) => `(${a} * ${b})`),
  define('SAFE_ADD', 'NUMERIC, NUMERIC -> NUMERIC', ([a, b]) =>
    safely(`CAST(${a} + ${b} AS DECIMAL(38,9))`, [a!, b!], NUMERIC),
  ),
  define('SAFE_SUBTRACT', 'NUMERIC, NUMERIC -> NUMERIC', ([a, b]) =>
    safely(`CAST(${a} - ${b} AS DECIMAL(38,9))`, [a!, b!], NUMERIC),
  ),
  define('SAFE_MULTIPLY', 'NUMERIC, NUMERIC -> NUMERIC', ([a, b]) =>
    safely(`bq_numeric_multiply(${a}, ${b})`, [a!, b!], NUMERIC),
  ),
  define(
    'SAFE_DIVIDE',
    'FLOAT64, FLOAT64 -> FLOAT64',
    ([a, b]) => `CASE WHEN ${b} = 0 THEN NULL ELSE ${a} / ${b} END`,
  ),
  define(
    'SAFE_DIVIDE',
    'NUMERIC, NUMERIC -> NUMERIC',
    ([a, b]) =>
      `CASE WHEN ${b} = 0 THEN NULL ELSE ${safely(`bq_numeric_divide(${a}, ${b})`, [a!, b!], NUMERIC)} END`,
  ),
  define('IEEE_DIVIDE', 'FLOAT64, FLOAT64 -> FLOAT64', ([a, b]) => `(${a} / ${b})`),
  define(
    'DIV',
    'INT64, INT64 -> INT64',
    ([a, b]) =>
      `CASE WHEN ${b} = 0 THEN CASE WHEN ${a} IS NOT NULL THEN ${zero(a!, b!, 'DIV', INT64)} END ELSE CAST(trunc(${a} // ${b}) AS BIGINT) END`,
  ),
  define(
    'DIV',
    'NUMERIC, NUMERIC -> NUMERIC',
    ([a, b]) =>
      `CASE WHEN ${b} = 0 THEN ${zero(a!, b!, 'DIV', NUMERIC)} ELSE CAST(trunc(bq_numeric_divide(${a}, ${b})) AS DECIMAL(38,9)) END`,
  ),
  define(
    'MOD',
    'INT64, INT64 -> INT64',
    ([a, b]) =>
      `CASE WHEN ${b} = 0 THEN CASE WHEN ${a} IS NOT NULL THEN ${zero(a!, b!, 'MOD', INT64)} END ELSE ${a} % ${b} END`,
  ),
  define(
    'MOD',
    'NUMERIC, NUMERIC -> NUMERIC',
    ([a, b]) => `CASE WHEN ${b} = 0 THEN ${zero(a!, b!, 'MOD', NUMERIC)} ELSE ${a} % ${b} END`,
  ),
  define('ROUND', 'FLOAT64, INT64? -> FLOAT64', ([x, n]) =>
    n ? `round(${x}, CAST(${n} AS INTEGER))` : `round(${x})`,
  ),
  define(
    'ROUND',
    'NUMERIC, INT64? -> NUMERIC',
    ([x, n]) => `bq_numeric_round(${x}, ${n ?? '0::BIGINT'}, 0::BIGINT)`,
  ),
  define('TRUNC', 'FLOAT64 -> FLOAT64', f('trunc')),
  define('TRUNC', 'FLOAT64, INT64 -> FLOAT64', ([x, n]) => `trunc(${x}, CAST(${n} AS INTEGER))`),
  define(
    'TRUNC',
    'NUMERIC, INT64? -> NUMERIC',
    ([x, n]) => `bq_numeric_round(${x}, ${n ?? '0::BIGINT'}, 1::BIGINT)`,
  ),
  define('CEIL CEILING', 'FLOAT64 -> FLOAT64', f('ceil')),
  define('CEIL CEILING', 'NUMERIC -> NUMERIC', ([x]) => `CAST(ceil(${x}) AS DECIMAL(38,9))`),
  define('FLOOR', 'FLOAT64 -> FLOAT64', f('floor')),
  define('FLOOR', 'NUMERIC -> NUMERIC', ([x]) => `CAST(floor(${x}) AS DECIMAL(38,9))`),
  define('SQRT', 'FLOAT64 -> FLOAT64', ([x]) =>
    guard(`${x} < 0`, 'Argument to SQRT must be non-negative', `sqrt(${x})`),
  ),
  define('CBRT', 'FLOAT64 -> FLOAT64', f('cbrt')),
  define('POW POWER', 'FLOAT64, FLOAT64 -> FLOAT64', ([x, y]) => finite(`pow(${x}, ${y})`, [x!, y!], 'POW')),
  define('EXP', 'FLOAT64 -> FLOAT64', ([x]) => finite(`exp(${x})`, [x!], 'EXP')),
  define('LN', 'FLOAT64 -> FLOAT64', ([x]) =>
    guard(`${x} <= 0`, 'Floating point error in function: LN', `ln(${x})`),
  ),
  define('LOG', 'FLOAT64 -> FLOAT64', ([x]) =>
    guard(`${x} <= 0`, 'Floating point error in function: LOG', `ln(${x})`),
  ),
  define('LOG', 'FLOAT64, FLOAT64 -> FLOAT64', ([x, b]) =>
    guard(
      `${x} <= 0 OR ${b} <= 0 OR ${b} = 1`,
      'Floating point error in function: LOG',
      `(ln(${x}) / ln(${b}))`,
    ),
  ),
  define('LOG10', 'FLOAT64 -> FLOAT64', ([x]) =>
    guard(`${x} <= 0`, 'Floating point error in function: LOG10', `log10(${x})`),
  ),
  ...['sin', 'cos', 'tan', 'atan', 'tanh', 'asinh'].map((fn) =>
    define(fn.toUpperCase(), 'FLOAT64 -> FLOAT64', f(fn)),
  ),
  define('SINH', 'FLOAT64 -> FLOAT64', ([x]) => finite(`sinh(${x})`, [x!], 'SINH')),
  define('COSH', 'FLOAT64 -> FLOAT64', ([x]) => finite(`cosh(${x})`, [x!], 'COSH')),
  ...['ACOS', 'ASIN'].map((name) =>
    define(name, 'FLOAT64 -> FLOAT64', ([x]) =>
      guard(`abs(${x}) > 1`, `Floating point error in function: ${name}`, `${name.toLowerCase()}(${x})`),
    ),
  ),
  define('ATAN2', 'FLOAT64, FLOAT64 -> FLOAT64', f('atan2')),
  define('RAND', '-> FLOAT64', () => 'random()'),
  define('IS_INF', 'FLOAT64 -> BOOL', f('isinf')),
  define('IS_NAN', 'FLOAT64 -> BOOL', f('isnan')),
  define('BIT_COUNT', 'INT64 -> INT64', ([x]) => `CAST(bit_count(${x}) AS BIGINT)`),
  define(
    'RANGE_BUCKET',
    'O, ARRAY<O> -> INT64',
    ([x, list]) =>
      `CASE WHEN ${x} IS NULL OR ${list} IS NULL THEN NULL ELSE CAST(len(list_filter(${list}, lambda b: b <= ${x})) AS BIGINT) END`,
  ),
].flat()
