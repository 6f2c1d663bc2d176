import { invalid } from '../../../sql/problem.ts'
import type { Expression, OrderItem, Select, SelectItem } from '../../../sql/syntax.ts'
import { isGroupable, structOf, type Type, typeText } from '../types/type.ts'
import { packStruct } from './coerce.ts'
import { type AnalyzedQuery, type Env, uniqueName } from './context.ts'
import { analyzeCondition, analyzeExpression, fieldOf, implicitName } from './expression.ts'
import { analyzeFrom, type FromResult } from './from.ts'
import { containsWindow, groupSelect } from './group.ts'
import { checkPartitionFilters } from './partition-filter.ts'
import { orderSql, orderTerms } from './query.ts'
import { type Column, emptyScope, findRelation, type Scope } from './scope.ts'
import { typed, type Typed } from './typed.ts'
import { analyzeWindowDefinitions } from './window.ts'

interface OutputColumn {
  readonly name: string | null
  readonly value: Typed
}

/** One SELECT with the ORDER BY and LIMIT that follow it. */
export function analyzeSelect(
  select: Select,
  orderBy: readonly OrderItem[],
  limit: string,
  numbered: boolean,
  outer: Env,
): AnalyzedQuery {
  const from: FromResult | null = select.from ? analyzeFrom(select.from, outer) : null
  const scope: Scope = from
    ? { ...emptyScope, relations: from.relations, star: from.star, parent: outer.scope }
    : { ...emptyScope, parent: outer.scope }
  if (!from && select.where)
    throw invalid(select.where.at, 'Query without FROM clause cannot have a WHERE clause')
  const base: Env = {
    ...outer,
    scope,
    windows: analyzeWindowDefinitions(select, outer),
    noAggregates: 'this clause',
    noWindows: 'this clause',
  }
  const where = select.where
    ? analyzeCondition(
        select.where,
        { ...base, noAggregates: 'WHERE clause', noWindows: 'WHERE clause' },
        'WHERE clause',
      )
    : null
  if (from) checkPartitionFilters(from, select.where, base)
  const grouped = groupSelect(select, orderBy, from, where, base)
  const env: Env = {
    ...base,
    scope: grouped ? grouped.scope : scope,
    noWindows: null,
    noAggregates: grouped ? null : 'this clause',
  }
  const outputs = expandItems(select, env)
  const aliased = { ...env, scope: withAliases(env.scope!, outputs) }
  const having = select.having
    ? analyzeCondition(
        select.having,
        { ...within(aliased, 'HAVING clause'), noWindows: 'HAVING clause' },
        'HAVING clause',
      )
    : null
  if (select.qualify && ![select.qualify, ...select.items, ...orderBy].some(containsWindow))
    throw invalid(select.qualify.at, 'The QUALIFY clause requires analytic function to be present')
  const qualify = select.qualify ? analyzeCondition(select.qualify, aliased, 'QUALIFY clause') : null
  const row = rowOf(select, outputs)
  // Rows must be distinct before they are numbered: around them, their columns are this table's.
  const outside = numbered && select.distinct ? uniqueName(outer.context, 'd') : null
  const order = orderClause(select, orderBy, row, within(aliased, 'ORDER BY clause'), outside)
  const source = grouped
    ? grouped.finish()
    : from
      ? ` FROM ${from.sql}${where ? ` WHERE ${where.sql}` : ''}`
      : ''
  const filter = having ? ` WHERE ${having.sql}` : ''
  if (select.distinct) checkDistinct(row, select)
  const list = row.map((column, i) => `${column.value.sql} AS c${i}`).join(', ')
  const number = numbered ? `, row_number() OVER (${order}) AS o` : ''
  const head = `SELECT ${select.distinct ? 'DISTINCT ' : ''}${list}${outside ? '' : number}`
  const plain = `${head}${source}${filter}${qualify ? ` QUALIFY ${qualify.sql}` : ''}`
  const sql = outside ? `SELECT ${outside}.*${number} FROM (${plain}) AS ${outside}` : plain
  return {
    sql: sql + (numbered && limit === '' ? '' : order) + limit,
    columns: row.map((column) => ({ name: column.name, type: column.value.type })),
    valueTable: select.as !== null,
    numbered,
    literals: row.map((column) =>
      from
        ? column.value.literal?.kind === 'null' ||
          column.value.literal?.kind === 'int' ||
          column.value.literal?.kind === 'float' ||
          column.value.literal?.kind === 'string'
          ? column.value.literal
          : undefined
        : column.value.literal,
    ),
  }
}

/** Names the clause for messages about columns that are not grouped by. */
function within(env: Env, clause: string): Env {
  const { scope } = env
  return scope?.grouping ? { ...env, scope: { ...scope, grouping: { ...scope.grouping, clause } } } : env
}

/** The select list with stars expanded. */
function expandItems(select: Select, env: Env): OutputColumn[] {
  return select.items.flatMap((item) =>
    item.kind === 'star' ? expandStar(item, env) : [outputOf(item, env)],
  )
}

function outputOf(item: SelectItem & { kind: 'expression' }, env: Env): OutputColumn {
  const value = analyzeExpression(item.value, env)
  return { name: item.alias?.text ?? implicitName(item.value), value }
}

export function expandStar(item: SelectItem & { kind: 'star' }, env: Env): OutputColumn[] {
  const columns = item.object ? objectColumns(item.object, env) : starColumns(item, env)
  const names = new Set(columns.map((column) => column.name?.toLowerCase()))
  const except = new Set(item.except.map((name) => name.text.toLowerCase()))
  for (const name of item.except)
    if (!names.has(name.text.toLowerCase()))
      throw invalid(name.at, `Column ${name.text} in SELECT * EXCEPT list does not exist`)
  for (const { alias } of item.replace)
    if (!names.has(alias.text.toLowerCase()))
      throw invalid(alias.at, `Column ${alias.text} in SELECT * REPLACE list does not exist`)
  const kept = columns.filter((column) => !except.has(column.name?.toLowerCase() ?? ''))
  if (kept.length === 0) throw invalid(item.at, 'SELECT * expands to zero columns after applying EXCEPT')
  return kept.map((column) => {
    const replaced = item.replace.find(
      (other) => other.alias.text.toLowerCase() === column.name?.toLowerCase(),
    )
    return replaced ? { name: column.name, value: analyzeExpression(replaced.value, env) } : column
  })
}

function starColumns(item: SelectItem, env: Env): readonly Column[] {
  const { scope } = env
  if (!scope || scope.star.length === 0) throw invalid(item.at, 'SELECT * must have a FROM clause')
  return grouped(scope.star, scope, item.at)
}

function objectColumns(object: Expression, env: Env): readonly Column[] {
  if (object.kind === 'name') {
    const found = findRelation(env.scope, object.name)
    if (found && (!found.relation.value || found.relation.columns.length > 0))
      return grouped(found.relation.columns, found.scope, object.at)
  }
  const value = analyzeExpression(object, env)
  if (value.type.kind !== 'struct')
    throw invalid(object.at, `Dot-star is not supported for type ${typeText(value.type)}`)
  return value.type.fields.map((field) => ({
    name: field.name,
    value: fieldOf(value, field.name ?? '', object.at),
  }))
}

function grouped(columns: readonly Column[], scope: Scope, at: number): readonly Column[] {
  const { grouping } = scope
  if (!grouping) return columns
  return columns.map((column) => {
    const value = grouping.keys.get(column.value.sql)
    if (!value)
      throw invalid(
        at,
        `SELECT list expression references column ${column.name} which is neither grouped nor aggregated`,
      )
    return { name: column.name, value }
  })
}

/** HAVING, QUALIFY and ORDER BY may name the select list's columns. */
function withAliases(scope: Scope, outputs: readonly OutputColumn[]): Scope {
  const aliases = new Map<string, Typed>()
  const seen = new Set<string>()
  for (const output of outputs) {
    const name = output.name?.toLowerCase()
    if (name === undefined) continue
    // A name that stands twice is left to the FROM clause, or is ambiguous there.
    if (seen.has(name)) aliases.delete(name)
    else aliases.set(name, output.value)
    seen.add(name)
  }
  return { ...scope, aliases }
}

/** What a row is: the select list, or with SELECT AS one value. */
function rowOf(select: Select, outputs: readonly OutputColumn[]): OutputColumn[] {
  if (select.as === 'VALUE') {
    if (outputs.length !== 1) throw invalid(select.at, 'SELECT AS VALUE query must have exactly one column')
    return [{ name: null, value: outputs[0]!.value }]
  }
  if (select.as !== 'STRUCT') return [...outputs]
  const type = structOf(outputs.map((output) => ({ name: output.name, type: output.value.type })))
  if (type.kind !== 'struct') return []
  return [
    {
      name: null,
      value: typed(
        packStruct(
          outputs.map((output) => output.value),
          type,
        ).sql,
        type,
      ),
    },
  ]
}

function orderClause(
  select: Select,
  orderBy: readonly OrderItem[],
  row: readonly OutputColumn[],
  env: Env,
  outside: string | null,
): string {
  if (!select.distinct)
    return orderSql(
      orderBy,
      row.map((column) => column.value),
      env,
    )
  if (orderBy.length === 0) return ''
  const terms = orderBy.flatMap((item) => {
    const literal =
      item.value.kind === 'literal' && item.value.type === 'INT64' ? Number(item.value.text) - 1 : -1
    const value = literal >= 0 ? row[literal]?.value : analyzeExpression(item.value, env)
    const i = row.findIndex((column) => column.value.sql === value?.sql)
    if (!value || i < 0)
      throw invalid(
        item.at,
        `ORDER BY clause expression references ${item.value.kind === 'name' ? `column ${item.value.name}` : 'a column'} which is not visible after SELECT DISTINCT`,
      )
    return orderTerms(typed(outside ? `${outside}.c${i}` : value.sql, value.type), item)
  })
  return ` ORDER BY ${terms.join(', ')}`
}

function checkDistinct(row: readonly OutputColumn[], select: Select): void {
  for (const { name, value } of row)
    if (!isGroupable(value.type) || containsArray(value.type))
      throw invalid(
        select.at,
        `Column ${name ?? ''} of type ${typeText(value.type)} cannot be used in SELECT DISTINCT`,
      )
}

export function containsArray(type: Type): boolean {
  return (
    type.kind === 'array' ||
    (type.kind === 'struct' && type.fields.some((field) => containsArray(field.type)))
  )
}
