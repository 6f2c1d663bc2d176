import { type AggregateContext, aggregates } from '../functions/aggregates.ts'
import { choose } from '../functions/define.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import { INT64, isGroupable, isOrderable, typeText } from '../types/type.ts'
import { containsArray } from './select.ts'
import { type CallNode, matchOrFail, positional } from './call.ts'
import { coerce } from './coerce.ts'
import type { Env } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { orderTerms } from './query.ts'
import { typed, type Typed } from './typed.ts'

const NESTED = 'Aggregations of aggregations are not allowed'

/** An aggregate of a grouped query: computed beside the keys, referred to by its column. */
export function analyzeAggregate(call: CallNode, name: string, env: Env): Typed {
  const grouping = env.scope?.grouping
  if (env.noAggregates === NESTED) throw invalid(call.at, NESTED)
  if (!grouping || env.noAggregates)
    throw invalid(call.at, `Aggregate function ${name} not allowed in ${env.noAggregates ?? 'this clause'}`)
  const inner: Env = {
    ...env,
    scope: grouping.inner,
    noAggregates: NESTED,
    noWindows: 'an argument of an aggregate function',
  }
  const value =
    name === 'GROUPING'
      ? groupingOf(call, inner, [...grouping.keys.keys()])
      : aggregateSql(call, name, inner, '')
  let i = grouping.aggregates.indexOf(value.sql)
  if (i < 0) i = grouping.aggregates.push(value.sql) - 1
  return typed(`${grouping.alias}.a${i}`, value.type)
}

function groupingOf(call: CallNode, env: Env, keys: readonly string[]): Typed {
  const [argument] = positional(call, env)
  if (!argument || !keys.includes(argument.sql))
    throw invalid(call.at, 'GROUPING must have an argument that exists within the group by list')
  return typed(`CAST(grouping(${argument.sql}) AS BIGINT)`, INT64)
}

/** The aggregate's SQL, of the rows that satisfy `where`; a window function when `over` is its OVER clause. */
export function aggregateSql(call: CallNode, name: string, env: Env, over: string, where = ''): Typed {
  const entry = aggregates.get(name)!
  const { at } = call
  if (call.star) {
    if (name !== 'COUNT')
      throw invalid(at, `Argument * can only be used in COUNT(*), but was provided for ${name}`)
    return typed(`count(*)${filterSql([where])}${over}`, INT64)
  }
  const args = positional(call, env)
  if (call.distinct) checkDistinct(args[0], name, at)
  if (call.distinct && /[( ](?:ORDER BY|ROWS BETWEEN|RANGE BETWEEN) /.test(over))
    throw invalid(at, 'Window ORDER BY is not allowed if DISTINCT is specified')
  const ordered = ['ARRAY_AGG', 'STRING_AGG', 'ARRAY_CONCAT_AGG'].includes(name)
  if ((call.orderBy.length > 0 || call.limit) && !ordered)
    throw invalid(at, `Aggregate function ${name} does not support ORDER BY or LIMIT in arguments`)
  if (call.nulls && !['ARRAY_AGG', 'ANY_VALUE'].includes(name))
    throw invalid(at, `IGNORE NULLS and RESPECT NULLS are not allowed for aggregate function ${name}`)
  if (call.nulls && name === 'ANY_VALUE') throw unsupported(at, 'ANY_VALUE with IGNORE NULLS')
  const extreme = call.having ? analyzeExpression(call.having.value, env) : null
  if (extreme && over !== '')
    throw invalid(at, `HAVING modifier is not allowed with an OVER clause for ${name}`)
  if (extreme && name !== 'ANY_VALUE' && !havingAggregates.has(name))
    throw unsupported(at, `${name} with HAVING`)
  const terms = call.orderBy.flatMap((item) => {
    const value = analyzeExpression(item.value, env)
    if (call.distinct && value.sql !== args[0]?.sql)
      throw invalid(
        item.at,
        'An aggregate function that has both DISTINCT and ORDER BY arguments can only ORDER BY expressions that are arguments to the function',
      )
    const sorted = orderTerms(value, item)
    return call.distinct ? sorted.slice(-1) : sorted
  })
  const order = terms.length > 0 ? ` ORDER BY ${terms.join(', ')}` : ''
  if (order !== '' && over !== '')
    throw invalid(at, `ORDER BY in arguments is not allowed with OVER for ${name}`)
  const context: AggregateContext = {
    args,
    at,
    now: env.context.now,
    distinct: call.distinct,
    ignoreNulls: call.nulls === 'IGNORE',
    limit: call.limit ? limitText(call, env) : null,
    extreme: extreme && call.having ? { sql: extreme.sql, kind: call.having.kind } : null,
    call: (fn, list, filter = '') =>
      extreme && call.having && name !== 'ANY_VALUE'
        ? ofExtreme(fn, list, {
            kind: call.having.kind,
            key: extreme.sql,
            rest: args.slice(1).map((arg) => arg.sql),
            distinct: call.distinct,
            order,
            filter: filterSql([where, filter, `${extreme.sql} IS NOT NULL`]),
          })
        : `${fn}(${call.distinct ? 'DISTINCT ' : ''}${list}${order})${filterSql([where, filter])}${over}`,
    over,
  }
  if (entry.result) {
    const special = entry.result(args, context)
    if (!special)
      throw invalid(
        at,
        `No matching signature for aggregate function ${name} for argument types: ${args.map((arg) => typeText(arg.type)).join(', ')}`,
      )
    return special
  }
  refuseType(name, args, at)
  const match = choose(entry, args, at) ?? matchOrFail(entry, args, at, 'aggregate function')
  const sql = entry.emit(
    match.signature,
    match.args.map((arg) => arg.sql),
    { ...context, args: match.args },
  )
  return typed(sql, match.result)
}

/** Aggregates of which HAVING MAX and HAVING MIN are known: those of one column, and STRING_AGG. */
const havingAggregates: ReadonlySet<string> = new Set(
  'COUNT COUNTIF SUM AVG MIN MAX LOGICAL_AND LOGICAL_OR BIT_AND BIT_OR BIT_XOR STDDEV STDDEV_SAMP STDDEV_POP VARIANCE VAR_SAMP VAR_POP STRING_AGG ARRAY_AGG'.split(
    ' ',
  ),
)

interface Extreme {
  readonly kind: 'MAX' | 'MIN'
  readonly key: string
  readonly rest: readonly string[]
  readonly distinct: boolean
  readonly order: string
  readonly filter: string
}

/** An aggregate of the rows whose key is the greatest or least: gathered with their keys, then picked. */
function ofExtreme(fn: string, list: string, extreme: Extreme): string {
  const { kind, key, rest, filter } = extreme
  const value = fn === 'string_agg' ? list.slice(0, list.lastIndexOf(', ')) : list
  const rows = `list(struct_pack(k := ${key}, v := ${value})${extreme.order})${filter}`
  const best = `${kind.toLowerCase()}(${key})${filter}`
  const picked = `list_transform(list_filter(${rows}, lambda e: e.k = ${best}), lambda e: e.v)`
  const values = extreme.distinct ? `list_distinct(${picked})` : picked
  if (fn === 'list') return values
  const separator = fn === 'string_agg' ? `, ${rest[0] ?? `','`}` : ''
  const result = `list_aggregate(${values}, '${fn}'${separator})`
  return fn === 'count' ? `COALESCE(${result}, 0)` : result
}

function filterSql(conditions: readonly string[]): string {
  const given = conditions.filter((condition) => condition !== '')
  return given.length === 0 ? '' : ` FILTER (WHERE ${given.join(' AND ')})`
}

function limitText(call: CallNode, env: Env): string {
  const value = coerce(analyzeExpression(call.limit!, env), INT64, call.limit!.at)
  if (!value?.literal) throw invalid(call.limit!.at, 'LIMIT must be an integer literal or parameter')
  return value.sql
}

/** Arguments of types that an aggregate is not defined for at all. */
function refuseType(name: string, args: readonly Typed[], at: number): void {
  const type = args[0]?.type
  if (!type || args[0]!.literal?.kind === 'null') return
  const key = name === 'MAX_BY' || name === 'MIN_BY' ? args[1]?.type : type
  if (['MAX', 'MIN', 'MAX_BY', 'MIN_BY'].includes(name) && key && !isOrderable(key))
    throw invalid(at, `${name} is not defined for arguments of type ${typeText(key)}`)
  if (name === 'ARRAY_AGG' && type.kind === 'array')
    throw invalid(at, `The argument to ARRAY_AGG must not be an array type but was ${typeText(type)}`)
}

function checkDistinct(arg: Typed | undefined, name: string, at: number): void {
  if (arg && (!isGroupable(arg.type) || containsArray(arg.type)))
    throw invalid(
      at,
      `Aggregate functions with DISTINCT cannot be used with arguments of type ${typeText(arg.type)} (${name})`,
    )
}
