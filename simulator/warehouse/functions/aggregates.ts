import { typed, type Typed } from '../analyze/typed.ts'
import { invalid } from '../../../sql/problem.ts'
import { arrayOf, INT64, isScalar, structOf } from '../types/type.ts'
import { duckType } from '../types/duck.ts'
import { sketchAggregates } from './sketches.ts'
import { define, type EmitContext, type FunctionEntry, type Signature, table } from './define.ts'

export interface AggregateContext extends EmitContext {
  readonly distinct: boolean
  readonly ignoreNulls: boolean
  /** SQL of LIMIT, or null. */
  readonly limit: string | null
  readonly extreme: { readonly sql: string; readonly kind: 'MAX' | 'MIN' } | null
  /** fn(args) with DISTINCT, ORDER BY and OVER as asked for. */
  call(fn: string, args: string, filter?: string): string
  readonly over: string
}

type AggregateEmit = (args: readonly string[], context: AggregateContext) => string

export interface AggregateEntry extends FunctionEntry {
  emit(signature: Signature, args: readonly string[], context: AggregateContext): string
  /** For results whose type no signature can say. */
  readonly result?: (args: readonly Typed[], context: AggregateContext) => Typed | null
}

const emitters = new WeakMap<Signature, AggregateEmit>()

function aggregate(names: string, signature: string, emit: AggregateEmit): FunctionEntry[] {
  const entries = define(names, signature, () => '')
  for (const entry of entries) for (const item of entry.signatures) emitters.set(item, emit)
  return entries
}

const simple =
  (fn: string): AggregateEmit =>
  ([x], c) =>
    c.call(fn, x!)

const pair =
  (fn: string): AggregateEmit =>
  ([x, y], c) =>
    c.call(fn, `${x}, ${y}`)

/** CORR and the like are NULL where DuckDB says NaN for lack of rows. */
const pairOrNull =
  (fn: string): AggregateEmit =>
  ([x, y], c) =>
    `CASE WHEN ${c.call('regr_count', `${x}, ${y}`)} < 2 THEN NULL ELSE ${c.call(fn, `${x}, ${y}`)} END`

const moment =
  (fn: string): AggregateEmit =>
  ([x], c) =>
    c.call(fn, x!)

/** DuckDB adds no intervals up: each of the three parts on its own. */
function intervalSum(x: string, c: AggregateContext): string {
  const part = (name: string): string => c.call('sum', `bq_interval_${name}(${x})`)
  return `(to_months(CAST(${part('months')} AS INTEGER)) + to_days(CAST(${part('days')} AS INTEGER)) + to_microseconds(CAST(${part('time')} AS BIGINT)))`
}

const entries = table(
  aggregate('COUNT', 'T -> INT64', simple('count')),
  aggregate('COUNTIF', 'BOOL -> INT64', ([x], c) =>
    c.call('count', `CASE WHEN ${x} THEN ${c.distinct ? x : '1'} END`),
  ),
  aggregate('SUM', 'INT64 -> INT64', ([x], c) => `CAST(${c.call('sum', x!)} AS BIGINT)`),
  aggregate('SUM', 'NUMERIC -> NUMERIC', ([x], c) => `bq_numeric_checked(${c.call('sum', x!)})`),
  aggregate('SUM', 'FLOAT64 -> FLOAT64', simple('sum')),
  aggregate(
    'SUM',
    'BIGNUMERIC -> BIGNUMERIC',
    ([x], c) => `bq_bignumeric_sum(${c.call('string_agg', `${x}, ','`)})`,
  ),
  aggregate('SUM', 'INTERVAL -> INTERVAL', ([x], c) => intervalSum(x!, c)),
  aggregate(
    'AVG',
    'INTERVAL -> INTERVAL',
    ([x], c) =>
      `CASE WHEN ${c.call('count', x!)} > 0 THEN bq_interval_divide(${intervalSum(x!, c)}, ${c.call('count', x!)}) END`,
  ),
  aggregate(
    'AVG',
    'BIGNUMERIC -> BIGNUMERIC',
    ([x], c) =>
      `bq_bignumeric_divide(bq_bignumeric_sum(${c.call('string_agg', `${x}, ','`)}), CAST(${c.call('count', x!)} AS VARCHAR))`,
  ),
  aggregate('MIN', 'BIGNUMERIC -> BIGNUMERIC', ([x], c) =>
    c.call('arg_min', `${x}, bq_bignumeric_key(${x})`),
  ),
  aggregate('MAX', 'BIGNUMERIC -> BIGNUMERIC', ([x], c) =>
    c.call('arg_max', `${x}, bq_bignumeric_key(${x})`),
  ),
  aggregate('AVG', 'INT64 -> FLOAT64', simple('avg')),
  aggregate(
    'AVG',
    'NUMERIC -> NUMERIC',
    ([x], c) =>
      `bq_numeric_divide(CAST(${c.call('sum', x!)} AS DECIMAL(38,9)), CAST(${c.call('count', x!)} AS DECIMAL(38,9)))`,
  ),
  aggregate('AVG', 'FLOAT64 -> FLOAT64', simple('avg')),
  // NaN is the answer of both as soon as there is one; DuckDB would take it for the greatest number.
  aggregate(
    'MIN',
    'FLOAT64 -> FLOAT64',
    ([x], c) =>
      `CASE WHEN ${c.call('bool_or', `isnan(${x})`)} THEN CAST('nan' AS DOUBLE) ELSE ${c.call('min', x!)} END`,
  ),
  aggregate('MIN', 'O -> O', simple('min')),
  aggregate('MAX', 'O -> O', simple('max')),
  aggregate('LOGICAL_AND', 'BOOL -> BOOL', simple('bool_and')),
  aggregate('LOGICAL_OR', 'BOOL -> BOOL', simple('bool_or')),
  aggregate('BIT_AND', 'INT64 -> INT64', simple('bit_and')),
  aggregate('BIT_OR', 'INT64 -> INT64', simple('bit_or')),
  aggregate('BIT_XOR', 'INT64 -> INT64', simple('bit_xor')),
  aggregate('STDDEV STDDEV_SAMP', 'FLOAT64 -> FLOAT64', moment('stddev_samp')),
  aggregate('STDDEV_POP', 'FLOAT64 -> FLOAT64', moment('stddev_pop')),
  aggregate('VARIANCE VAR_SAMP', 'FLOAT64 -> FLOAT64', moment('var_samp')),
  aggregate('VAR_POP', 'FLOAT64 -> FLOAT64', moment('var_pop')),
  aggregate('CORR', 'FLOAT64, FLOAT64 -> FLOAT64', pairOrNull('corr')),
  aggregate('COVAR_POP', 'FLOAT64, FLOAT64 -> FLOAT64', pair('covar_pop')),
  aggregate('COVAR_SAMP', 'FLOAT64, FLOAT64 -> FLOAT64', pairOrNull('covar_samp')),
  aggregate('ANY_VALUE', 'T -> T', ([x], c) => {
    if (c.extreme)
      return c.call(c.extreme.kind === 'MAX' ? 'arg_max_null' : 'arg_min_null', `${x}, ${c.extreme.sql}`)
    return c.call('any_value', x!)
  }),
  aggregate('MAX_BY', 'T, O -> T', pair('arg_max_null')),
  aggregate('MIN_BY', 'T, O -> T', pair('arg_min_null')),
  aggregate('APPROX_COUNT_DISTINCT', 'G -> INT64', ([x], c) => c.call('count', `DISTINCT ${x}`)),
  aggregate('ARRAY_AGG', 'T -> ARRAY<T>', ([x], c) => {
    const list = c.call('list', x!, c.ignoreNulls ? `${x} IS NOT NULL` : '')
    return c.limit ? `(${list})[1:${c.limit}]` : list
  }),
  aggregate('ARRAY_CONCAT_AGG', 'ARRAY<T> -> ARRAY<T>', ([x], c) => {
    const list = c.call('list', x!, `${x} IS NOT NULL`)
    return `flatten(${c.limit ? `(${list})[1:${c.limit}]` : list})`
  }),
  ...['STRING', 'BYTES'].map((type) =>
    aggregate('STRING_AGG', `${type}, =${type}? -> ${type}`, ([x, delimiter], c) => {
      const separator = delimiter ?? `','`
      if (type === 'STRING' && !c.limit) return c.call('string_agg', `${x}, ${separator}`)
      if (type === 'BYTES') throw invalid(c.at, 'STRING_AGG of BYTES is not supported in the local warehouse')
      const list = c.call('list', x!, `${x} IS NOT NULL`)
      return `array_to_string((${list})[1:${c.limit}], ${separator})`
    }),
  ),
)

const quantiles = (args: readonly Typed[], c: AggregateContext): Typed | null => {
  const [x, n] = args
  if (!x || n?.literal?.kind !== 'int' || args.length !== 2) return null
  const count = Number(n.literal.value)
  if (!(count >= 1 && count <= 100_000)) return null
  const points = Array.from({ length: count + 1 }, (_, i) => `${i / count}::DOUBLE`)
  return typed(
    c.call('quantile_disc', `${x.sql}, [${points.join(', ')}]`, `${x.sql} IS NOT NULL`),
    arrayOf(x.type),
  )
}

const topCount = (args: readonly Typed[], c: AggregateContext): Typed | null => {
  const [x, n] = args
  if (!x || n?.literal?.kind !== 'int' || args.length !== 2 || isScalar(x.type, 'JSON')) return null
  const entriesSql = `map_entries(${c.call('histogram', x.sql)})`
  const pairs = `list_reverse_sort(list_transform(${entriesSql}, lambda e: struct_pack(n := e.value, k := e.key)))`
  const sql = `list_transform(${pairs}, lambda e: struct_pack("value" := e.k, "count" := CAST(e.n AS BIGINT)))[1:${n.sql}]`
  return typed(
    sql,
    arrayOf(
      structOf([
        { name: 'value', type: x.type },
        { name: 'count', type: INT64 },
      ]),
    ),
  )
}

/** The values with the greatest sums of weights; of NULL weights alone the sum is NULL. */
const topSum = (args: readonly Typed[], c: AggregateContext): Typed | null => {
  const [x, weight, n] = args
  if (!x || !weight || n?.literal?.kind !== 'int' || args.length !== 3) return null
  if (!isScalar(weight.type, 'INT64', 'NUMERIC', 'FLOAT64')) return null
  const pairs = c.call('list', `struct_pack(k := ${x.sql}, w := ${weight.sql})`, `${x.sql} IS NOT NULL`)
  const type = duckType(weight.type)
  const sums = `list_transform(list_distinct(list_transform(${pairs}, lambda e: e.k)), lambda k: struct_pack(s := CAST(list_sum(list_transform(list_filter(${pairs}, lambda e: e.k = k), lambda e: e.w)) AS ${type}), k := k))`
  const sorted = `list_sort(${sums}, 'DESC', 'NULLS LAST')`
  const sql = `list_transform(${sorted}, lambda e: struct_pack("value" := e.k, "sum" := e.s))[1:${n.sql}]`
  return typed(
    sql,
    arrayOf(
      structOf([
        { name: 'value', type: x.type },
        { name: 'sum', type: weight.type },
      ]),
    ),
  )
}

const emit: AggregateEntry['emit'] = (signature, args, context) => emitters.get(signature)!(args, context)

export const aggregates: ReadonlyMap<string, AggregateEntry> = new Map<string, AggregateEntry>([
  ...[...entries].map(([name, entry]): [string, AggregateEntry] => [name, { ...entry, emit }]),
  ['APPROX_QUANTILES', { name: 'APPROX_QUANTILES', signatures: [], emit, result: quantiles }],
  ['APPROX_TOP_SUM', { name: 'APPROX_TOP_SUM', signatures: [], emit, result: topSum }],
  ...Object.entries(sketchAggregates).map(([name, result]): [string, AggregateEntry] => [
    name,
    { name, signatures: [], emit, result },
  ]),
  ['APPROX_TOP_COUNT', { name: 'APPROX_TOP_COUNT', signatures: [], emit, result: topCount }],
])
