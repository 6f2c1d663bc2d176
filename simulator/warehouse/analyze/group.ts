import { invalid } from '../../../sql/problem.ts'
import type { Expression, OrderItem, Select } from '../../../sql/syntax.ts'
import { isGroupable, kindText } from '../types/type.ts'
import { isAggregate } from './aggregate-names.ts'
import { type Env, uniqueName } from './context.ts'
import { analyzeExpression } from './expression.ts'
import type { FromResult } from './from.ts'
import type { Grouping, Scope } from './scope.ts'
import { containsArray } from './select.ts'
import { shapeOf } from './shape.ts'
import { typed, type Typed } from './typed.ts'

export interface Grouped {
  /** What expressions after grouping see. */
  readonly scope: Scope
  /** The FROM clause that groups; ask once all aggregates are known. */
  finish(): string
}

interface Key {
  readonly value: Typed
  readonly expression: Expression | null
}

/** Null when the SELECT neither groups nor aggregates. */
export function groupSelect(
  select: Select,
  orderBy: readonly OrderItem[],
  from: FromResult | null,
  where: Typed | null,
  env: Env,
): Grouped | null {
  const expressions = [
    ...select.items.flatMap((item) =>
      item.kind === 'expression' ? [item.value] : item.replace.map((r) => r.value),
    ),
    ...(select.having ? [select.having] : []),
    ...(select.qualify ? [select.qualify] : []),
    ...orderBy.map((item) => item.value),
  ]
  if (!select.groupBy && !select.having && !expressions.some(containsAggregate)) return null
  if (!select.groupBy && !expressions.some(containsAggregate))
    throw invalid(select.having!.at, 'The HAVING clause requires GROUP BY or aggregation to be present')
  const keyEnv: Env = { ...env, noAggregates: 'GROUP BY clause', noWindows: 'GROUP BY clause' }
  const { sets, keys } = groupingSets(select, keyEnv)
  const alias = uniqueName(env.context, 'g')
  const aggregates: string[] = []
  const values = new Map<string, Typed>()
  const shapes = new Map<string, Typed>()
  for (const [i, key] of keys.entries()) {
    const after = typed(`${alias}.k${i}`, key.value.type)
    values.set(key.value.sql, after)
    if (key.expression && key.expression.kind !== 'name') shapes.set(shapeOf(key.expression), after)
  }
  const grouping: Grouping = { keys: values, shapes, inner: env.scope!, aggregates, alias }
  const scope: Scope = { ...env.scope!, grouping }
  return { scope, finish: () => finish(keys, sets, aggregates, alias, from, where) }
}

function finish(
  keys: readonly Key[],
  sets: readonly (readonly number[])[] | null,
  aggregates: readonly string[],
  alias: string,
  from: FromResult | null,
  where: Typed | null,
): string {
  const columns = [
    ...keys.map((key, i) => `${key.value.sql} AS k${i}`),
    ...aggregates.map((sql, i) => `${sql} AS a${i}`),
  ]
  if (columns.length === 0) columns.push('count(*) AS a0')
  const list = (set: readonly number[]): string => `(${set.map((i) => keys[i]!.value.sql).join(', ')})`
  const by = sets
    ? ` GROUP BY GROUPING SETS (${sets.map(list).join(', ')})`
    : keys.length > 0
      ? ` GROUP BY ${keys.map((_, i) => i + 1).join(', ')}`
      : ''
  const source = from ? ` FROM ${from.sql}${where ? ` WHERE ${where.sql}` : ''}` : ''
  return ` FROM (SELECT ${columns.join(', ')}${source}${by}) AS ${alias}`
}

function groupingSets(select: Select, env: Env): { keys: Key[]; sets: number[][] | null } {
  const keys: Key[] = []
  const add = (expression: Expression): number => {
    const key = keyOf(expression, select, env)
    const known = keys.findIndex((other) => other.value.sql === key.value.sql)
    return known >= 0 ? known : keys.push(key) - 1
  }
  const { groupBy } = select
  if (!groupBy) return { keys, sets: null }
  if (groupBy.kind === 'all') {
    for (const item of select.items) {
      if (item.kind === 'star') throw invalid(item.at, 'GROUP BY ALL with * is not supported')
      if (!containsAggregate(item.value) && item.value.kind !== 'literal') add(item.value)
    }
    return { keys, sets: null }
  }
  if (groupBy.kind === 'plain') {
    groupBy.items.forEach(add)
    return { keys, sets: null }
  }
  const sets = groupBy.sets.flatMap((set) => {
    const items = set.items.map((group) => group.map(add))
    if (set.kind === 'set') return [items.flat()]
    return set.kind === 'rollup' ? rollup(items) : cube(items)
  })
  return { keys, sets }
}

function rollup(items: readonly (readonly number[])[]): number[][] {
  return [...items.keys(), items.length].map((size) => items.slice(0, size).flat()).toReversed()
}

function cube(items: readonly (readonly number[])[]): number[][] {
  return Array.from({ length: 1 << items.length }, (_, mask) =>
    items.filter((_item, i) => mask & (1 << i)).flat(),
  )
}

/** A position, an alias of the select list, or an expression of the FROM clause. */
function keyOf(expression: Expression, select: Select, env: Env): Key {
  const target = groupTarget(expression, select, env)
  if (target !== expression && containsAggregate(target))
    throw invalid(
      expression.at,
      `Column ${expression.kind === 'literal' ? expression.text : expression.kind === 'name' ? expression.name : ''} contains an aggregation function, which is not allowed in GROUP BY`,
    )
  const value = analyzeExpression(target, env)
  if (!isGroupable(value.type) || containsArray(value.type))
    throw invalid(expression.at, `Grouping by expressions of type ${kindText(value.type)} is not allowed`)
  return { value: typed(value.sql, value.type), expression: target }
}

function groupTarget(expression: Expression, select: Select, env: Env): Expression {
  if (expression.kind === 'literal' && expression.type === 'INT64') {
    if (select.items.some((item) => item.kind === 'star'))
      throw invalid(expression.at, 'GROUP BY position with * is not supported')
    const item = select.items[Number(expression.text) - 1]
    if (item?.kind !== 'expression')
      throw invalid(expression.at, `GROUP BY is out of SELECT column number range: ${expression.text}`)
    return item.value
  }
  if (expression.kind === 'literal') throw invalid(expression.at, 'Cannot GROUP BY literal values')
  if (expression.kind !== 'name') return expression
  const named = select.items.filter(
    (item) => item.kind === 'expression' && item.alias?.text.toLowerCase() === expression.name.toLowerCase(),
  )
  if (named.length > 1) throw invalid(expression.at, `Name ${expression.name} in GROUP BY is ambiguous`)
  const [item] = named
  void env
  return item?.kind === 'expression' ? item.value : expression
}

/** Whether an aggregate stands in the expression itself, not in a subquery or as a window function. */
function containsAggregate(expression: Expression): boolean {
  return someNode(
    expression,
    (node) => node.kind === 'call' && !node.over && isAggregate(node.name.map((name) => name.text).join('.')),
  )
}

/** Whether a window function stands in it, not in a subquery. */
export function containsWindow(part: unknown): boolean {
  return someNode(part, (node) => node.kind === 'call' && node.over !== null)
}

function someNode(value: unknown, test: (node: Expression) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => someNode(item, test))
  if (typeof value !== 'object' || value === null) return false
  const node = value as Expression
  if (node.kind === 'subquery') return false
  if ('kind' in node && 'at' in node && test(node)) return true
  return Object.values(value).some((item) => someNode(item, test))
}
