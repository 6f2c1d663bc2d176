import { failText, failWith, safely } from '../analyze/fail.ts'
import { BIGNUMERIC, FLOAT64, INT64, NUMERIC, scalarNamed, type Type } from '../types/type.ts'
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

const zero = (a: string, type: Type): string =>
  failWith(`'division by zero: ' || regexp_replace(CAST(${a} AS VARCHAR), '\\.0+$', '') || ' / 0'`, type)

/** ±inf in, NaN out, as 0 / 0: the error of the function of a number that has no answer. */
const ratio =
  (name: string, sql: (x: string) => string) =>
  ([x]: readonly string[]): string =>
    finite(sql(x!), [x!], name)

/** Functions of NUMERIC and BIGNUMERIC, whose results keep the type: computed on integers, rounded once. */
function decimals(type: 'NUMERIC' | 'BIGNUMERIC'): FunctionEntry[] {
  const fn = `bq_${type.toLowerCase()}_`
  const duck = type === 'NUMERIC' ? NUMERIC : BIGNUMERIC
  const isZero = (x: string): string => (type === 'NUMERIC' ? `${x} = 0` : `${x} = '0'`)
  const one = (names: string, native: string): FunctionEntry[] =>
    define(names, `${type} -> ${type}`, f(fn + native))
  const two = (names: string, native: string): FunctionEntry[] =>
    define(names, `${type}, ${type} -> ${type}`, f(fn + native))
  const safe = (name: string, native: string): FunctionEntry[] =>
    define(name, `${type}, ${type} -> ${type}`, ([a, b]) =>
      safely(`${fn}${native}(${a}, ${b})`, [a!, b!], duck),
    )
  const divided = (name: string, native: string): FunctionEntry[] =>
    define(
      name,
      `${type}, ${type} -> ${type}`,
      ([a, b]) =>
        `CASE WHEN ${isZero(b!)} THEN CASE WHEN ${a} IS NOT NULL THEN ${zero(a!, duck)} END ELSE ${fn}${native}(${a}, ${b}) END`,
    )
  return [
    one('ABS', 'abs'),
    one('SIGN', 'sign'),
    one('CEIL CEILING', 'ceil'),
    one('FLOOR', 'floor'),
    one('SQRT', 'sqrt'),
    one('EXP', 'exp'),
    one('LN LOG', 'ln'),
    one('LOG10', 'log10'),
    two('LOG', 'log'),
    two('POW POWER', 'pow'),
    divided('DIV', 'div'),
    divided('MOD', 'mod'),
    define('SAFE_NEGATE', `${type} -> ${type}`, ([x]) => safely(`${fn}negate(${x})`, [x!], duck)),
    safe('SAFE_ADD', 'add'),
    safe('SAFE_SUBTRACT', 'subtract'),
    safe('SAFE_MULTIPLY', 'multiply'),
    define(
      'SAFE_DIVIDE',
      `${type}, ${type} -> ${type}`,
      ([a, b]) =>
        `CASE WHEN ${isZero(b!)} THEN NULL ELSE ${safely(`${fn}divide(${a}, ${b})`, [a!, b!], duck)} END`,
    ),
    define(
      'ROUND',
      `${type}, INT64?, STRING? -> ${type}`,
      ([x, n, mode]) => `${fn}round(${x}, ${n ?? '0::BIGINT'}, ${mode ?? `'ROUND_HALF_AWAY_FROM_ZERO'`})`,
    ),
    define(
      'TRUNC',
      `${type}, INT64? -> ${type}`,
      ([x, n]) => `${fn}round(${x}, ${n ?? '0::BIGINT'}, 'ZERO')`,
    ),
  ].flat()
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions */
export const mathFunctions: FunctionEntry[] = [
  ...['INT64', 'FLOAT64'].flatMap((t) => [
    define('ABS', `${t} -> ${t}`, f('abs')),
    define(
      'SIGN',
      `${t} -> ${t}`,
      // DuckDB's sign of NaN is 0.
      ([x]) =>
        t === 'INT64'
          ? `CAST(sign(${x}) AS BIGINT)`
          : `CASE WHEN isnan(${x}) THEN ${x} ELSE CAST(sign(${x}) AS DOUBLE) END`,
    ),
    define('SAFE_NEGATE', `${t} -> ${t}`, ([x]) => safely(`-${x}`, [x!], scalarNamed(t)!)),
  ]),
  define('SAFE_ADD', 'INT64, INT64 -> INT64', ([a, b]) => safely(`${a} + ${b}`, [a!, b!], INT64)),
  define('SAFE_SUBTRACT', 'INT64, INT64 -> INT64', ([a, b]) => safely(`${a} - ${b}`, [a!, b!], INT64)),
  define('SAFE_MULTIPLY', 'INT64, INT64 -> INT64', ([a, b]) => safely(`${a} * ${b}`, [a!, b!], INT64)),
  ...[
    ['SAFE_ADD', '+'],
    ['SAFE_SUBTRACT', '-'],
    ['SAFE_MULTIPLY', '*'],
  ].map(([name, operator]) =>
    // An overflow is NULL; infinity in is infinity out.
    define(
      name!,
      'FLOAT64, FLOAT64 -> FLOAT64',
      ([a, b]) =>
        `CASE WHEN isfinite(${a}) AND isfinite(${b}) AND NOT isfinite(${a} ${operator} ${b}) THEN NULL ELSE ${a} ${operator} ${b} END`,
    ),
  ),
  define(
    'SAFE_DIVIDE',
    'FLOAT64, FLOAT64 -> FLOAT64',
    ([a, b]) =>
      `CASE WHEN ${b} = 0 OR (isfinite(${a}) AND isfinite(${b}) AND NOT isfinite(${a} / ${b})) THEN NULL ELSE ${a} / ${b} END`,
  ),
  define('IEEE_DIVIDE', 'FLOAT64, FLOAT64 -> FLOAT64', ([a, b]) => `(${a} / ${b})`),
  define(
    'DIV',
    'INT64, INT64 -> INT64',
    ([a, b]) =>
      `CASE WHEN ${b} = 0 THEN CASE WHEN ${a} IS NOT NULL THEN ${zero(a!, INT64)} END ELSE CAST(trunc(${a} // ${b}) AS BIGINT) END`,
  ),
  define(
    'MOD',
    'INT64, INT64 -> INT64',
    ([a, b]) =>
      `CASE WHEN ${b} = 0 THEN CASE WHEN ${a} IS NOT NULL THEN ${zero(a!, INT64)} END ELSE ${a} % ${b} END`,
  ),
  define('ROUND', 'FLOAT64, INT64? -> FLOAT64', ([x, n]) =>
    n ? `round(${x}, CAST(${n} AS INTEGER))` : `round(${x})`,
  ),
  define('TRUNC', 'FLOAT64 -> FLOAT64', f('trunc')),
  define('TRUNC', 'FLOAT64, INT64 -> FLOAT64', ([x, n]) => `trunc(${x}, CAST(${n} AS INTEGER))`),
  define('CEIL CEILING', 'FLOAT64 -> FLOAT64', f('ceil')),
  define('FLOOR', 'FLOAT64 -> FLOAT64', f('floor')),
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
  define('ACOSH', 'FLOAT64 -> FLOAT64', ([x]) =>
    guard(`${x} < 1`, 'Floating point error in function: ACOSH', `acosh(${x})`),
  ),
  define('ATANH', 'FLOAT64 -> FLOAT64', ([x]) =>
    guard(`abs(${x}) >= 1`, 'Floating point error in function: ATANH', `atanh(${x})`),
  ),
  define(
    'COT',
    'FLOAT64 -> FLOAT64',
    ratio('COT', (x) => `(1e0 / tan(${x}))`),
  ),
  define(
    'COTH',
    'FLOAT64 -> FLOAT64',
    ratio('COTH', (x) => `(1e0 / tanh(${x}))`),
  ),
  define(
    'CSC',
    'FLOAT64 -> FLOAT64',
    ratio('CSC', (x) => `(1e0 / sin(${x}))`),
  ),
  define(
    'CSCH',
    'FLOAT64 -> FLOAT64',
    ratio('CSCH', (x) => `(1e0 / sinh(${x}))`),
  ),
  define('SEC', 'FLOAT64 -> FLOAT64', ([x]) => `(1e0 / cos(${x}))`),
  define('SECH', 'FLOAT64 -> FLOAT64', ([x]) => `(1e0 / cosh(${x}))`),
  define('ATAN2', 'FLOAT64, FLOAT64 -> FLOAT64', f('atan2')),
  define('RAND', '-> FLOAT64', () => 'random()'),
  define('IS_INF', 'FLOAT64 -> BOOL', f('isinf')),
  define('IS_NAN', 'FLOAT64 -> BOOL', f('isnan')),
  define('BIT_COUNT', 'INT64 -> INT64', ([x]) => `CAST(bit_count(${x}) AS BIGINT)`),
  define('BIT_COUNT', 'BYTES -> INT64', ([x]) => `bq_bytes_bit_count(${x})`),
  ...decimals('NUMERIC'),
  ...decimals('BIGNUMERIC'),
  define('EUCLIDEAN_DISTANCE', 'ARRAY<FLOAT64>, ARRAY<FLOAT64> -> FLOAT64', ([x, y]) =>
    distance(x!, y!, 'EUCLIDEAN_DISTANCE', `list_distance(${x}, ${y})`),
  ),
  define('COSINE_DISTANCE', 'ARRAY<FLOAT64>, ARRAY<FLOAT64> -> FLOAT64', ([x, y]) =>
    distance(
      x!,
      y!,
      'COSINE_DISTANCE',
      guard(
        `list_dot_product(${x}, ${x}) = 0 OR list_dot_product(${y}, ${y}) = 0`,
        'Cannot compute cosine distance against zero vector.',
        `(1e0 - list_cosine_similarity(${x}, ${y}))`,
      ),
    ),
  ),
  define(
    'RANGE_BUCKET',
    'O, ARRAY<O> -> INT64',
    ([x, list]) =>
      `CASE WHEN ${x} IS NULL OR ${list} IS NULL THEN NULL ELSE CAST(len(list_filter(${list}, lambda b: b <= ${x})) AS BIGINT) END`,
  ),
].flat()

function distance(x: string, y: string, name: string, sql: string): string {
  return guard(
    `len(${x}) <> len(${y})`,
    `Array length mismatch in ${name}`,
    guard(`list_count(${x}) < len(${x}) OR list_count(${y}) < len(${y})`, `NULL element in ${name}`, sql),
  )
}
