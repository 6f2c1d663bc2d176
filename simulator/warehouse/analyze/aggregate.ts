import { type AggregateContext, aggregates } from '../functions/aggregates.ts'
import { choose } from '../functions/define.ts'
import { invalid, unsupported } from '../sql/problem.ts'
import { INT64, isGroupable, typeText } from '../types/type.ts'
import { containsArray } from './select.ts'
import { type CallNode, matchOrFail, positional } from './call.ts'
import { coerce } from './coerce.ts'
import type { Env } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { orderTerms } from './query.ts'
import { typed, type Typed } from './typed.ts'

/** An aggregate of a grouped query: computed beside the keys, referred to by its column. */
export function analyzeAggregate(call: CallNode, name: string, env: Env): Typed {
  const grouping = env.scope?.grouping
  if (!grouping || env.noAggregates)
    throw invalid(call.at, `Aggregate function ${name} not allowed in ${env.noAggregates ?? 'this clause'}`)
  const inner: Env = {
    ...env,
    scope: grouping.inner,
    noAggregates: 'an argument of an aggregate function',
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

/** The aggregate's SQL, as a window function when `over` is its OVER clause. */
export function aggregateSql(call: CallNode, name: string, env: Env, over: string): Typed {
  const entry = aggregates.get(name)!
  const { at } = call
  if (call.star) {
    if (name !== 'COUNT')
      throw invalid(at, `Argument * can only be used in COUNT(*), but was provided for ${name}`)
    return typed(`count(*)${over}`, INT64)
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
  if (extreme && name !== 'ANY_VALUE') throw unsupported(at, `${name} with HAVING`)
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
      `${fn}(${call.distinct ? 'DISTINCT ' : ''}${list}${order})${filter === '' ? '' : ` FILTER (WHERE ${filter})`}${over}`,
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
  const match = choose(entry, args, at) ?? matchOrFail(entry, args, at)
  const sql = entry.emit(
    match.signature,
    match.args.map((arg) => arg.sql),
    { ...context, args: match.args },
  )
  return typed(sql, match.result)
}

function limitText(call: CallNode, env: Env): string {
  const value = coerce(analyzeExpression(call.limit!, env), INT64, call.limit!.at)
  if (!value?.literal) throw invalid(call.limit!.at, 'LIMIT must be an integer literal or parameter')
  return value.sql
}

function checkDistinct(arg: Typed | undefined, name: string, at: number): void {
  if (arg && (!isGroupable(arg.type) || containsArray(arg.type)))
    throw invalid(
      at,
      `Aggregate functions with DISTINCT cannot be used with arguments of type ${typeText(arg.type)} (${name})`,
    )
}
