import type { Expression, GroupBy, Query, QueryBody, Select, SelectItem } from '../syntax.ts'
import { orderSources, pathOf, sourcesOf, windowSources } from './expression.ts'
import { fromItems } from './from.ts'
import {
  allSources,
  nothing,
  relation,
  sameName,
  union,
  type LineageColumn,
  type Relation,
  type Sources,
} from './relation.ts'
import { inside, type FromItem, type Scope } from './scope.ts'

/** The columns that a query gives, each with what it is computed from. */
export function queryRelation(query: Query, scope: Scope): Relation {
  const within = withCommonTables(query, scope)
  const body = bodyRelation(query.body, within)
  const ordered = orderSources(query.orderBy, resultScope(query.body, body, within))
  // An order alone decides nothing; with a limit it decides which rows there are.
  return query.limit === null ? body : { ...body, rows: union(body.rows, ordered) }
}

function withCommonTables(query: Query, scope: Scope): Scope {
  if (query.with.length === 0) return scope
  const tables = new Map(scope.commonTables)
  const within: Scope = { ...scope, commonTables: tables }
  for (const { name, query: common, depth } of query.with) {
    const key = name.text.toLowerCase()
    // What a recursive table gives is what its first part gives.
    if (query.recursive && common.body.kind === 'set') {
      tables.set(key, bodyRelation(common.body.inputs[0]!, withCommonTables(common, within)))
    }
    const found = queryRelation(common, within)
    tables.set(
      key,
      depth ? { ...found, columns: [...found.columns, { name: depth.alias, sources: nothing }] } : found,
    )
  }
  return within
}

/** What ORDER BY behind a query can name: its columns, and those of a plain SELECT's tables. */
function resultScope(body: QueryBody, result: Relation, scope: Scope): Scope {
  const items: FromItem[] = [{ alias: null, relation: result }]
  if (body.kind !== 'select' || body.from === null) return inside(scope, items)
  return { ...inside(scope, [...items, ...fromItems(body.from, scope, [])]) }
}

function bodyRelation(body: QueryBody, scope: Scope): Relation {
  switch (body.kind) {
    case 'select':
      return selectRelation(body, scope)
    case 'query':
      return queryRelation(body.query, scope)
    case 'set': {
      const inputs = body.inputs.map((input) => bodyRelation(input, scope))
      const rows = union(...inputs.map((input) => input.rows))
      const first = inputs[0]!
      if (body.byName) {
        const names = body.byName.columns?.map(({ text }) => text) ?? namesOf(inputs)
        return relation(
          names.map((name) => ({ name, sources: union(...inputs.map((input) => named(input, name))) })),
          { rows },
        )
      }
      return relation(
        first.columns.map(({ name }, index) => ({
          name,
          sources: union(...inputs.map((input) => input.columns[index]?.sources ?? input.open)),
        })),
        {
          rows,
          open: inputs.some(({ open }) => open !== null) ? union(...inputs.map(({ open }) => open)) : null,
        },
      )
    }
  }
}

function namesOf(inputs: readonly Relation[]): readonly string[] {
  const all = inputs.flatMap(({ columns }) => columns.flatMap(({ name }) => (name === null ? [] : [name])))
  return all.filter((name, index) => all.findIndex((other) => sameName(other, name)) === index)
}

function named({ columns, open }: Relation, name: string): Sources | null {
  return columns.find((column) => column.name !== null && sameName(column.name, name))?.sources ?? open
}

function selectRelation(select: Select, outer: Scope): Relation {
  const items = select.from === null ? [] : fromItems(select.from, outer, [])
  const scope = inside(outer, items)
  const columns = select.items.flatMap((item) => itemColumns(item, scope))
  const open = select.items.some((item) => item.kind === 'star') ? openOf(select.items, scope) : null
  const aliases = new Map(
    columns.flatMap(({ name, sources }) => (name === null ? [] : [[name.toLowerCase(), sources] as const])),
  )
  const later: Scope = { ...scope, aliases }
  const rows = union(
    ...items.map((item) => item.relation.rows),
    sourcesOf(select.where, scope),
    groupSources(select.groupBy, later),
    sourcesOf(select.having, later),
    sourcesOf(select.qualify, later),
    ...select.windows.map(({ reference }) =>
      reference.kind === 'inline' ? windowSources(reference.window, later) : nothing,
    ),
  )
  const result = relation(columns, { rows, open })
  return select.as === null ? result : { ...result, value: allSources(result) }
}

function groupSources(groupBy: GroupBy | null, scope: Scope): Sources {
  if (groupBy === null || groupBy.kind === 'all') return nothing
  const items =
    groupBy.kind === 'plain' ? groupBy.items : groupBy.sets.flatMap(({ items: sets }) => sets.flat())
  return union(...items.map((item) => sourcesOf(item, scope)))
}

function itemColumns(item: SelectItem, scope: Scope): readonly LineageColumn[] {
  if (item.kind === 'expression') {
    return [{ name: item.alias?.text ?? nameOf(item.value), sources: sourcesOf(item.value, scope) }]
  }
  const replaced = item.replace.map(({ value, alias }) => ({
    name: alias.text,
    sources: sourcesOf(value, scope),
  }))
  return starColumns(item.object, scope)
    .filter(({ name }) => !item.except.some(({ text }) => name !== null && sameName(text, name)))
    .map(
      (column) => replaced.find(({ name }) => column.name !== null && sameName(name, column.name)) ?? column,
    )
}

function starColumns(object: Expression | null, scope: Scope): readonly LineageColumn[] {
  if (object === null) {
    return scope.items.flatMap(({ alias, relation: each }) => [
      ...each.columns,
      ...(each.value !== null && each.columns.length === 0 ? [{ name: alias, sources: each.value }] : []),
    ])
  }
  const path = pathOf(object)
  const item =
    path?.length === 1
      ? scope.items.find(({ alias }) => alias !== null && sameName(alias, path[0]!))
      : undefined
  if (item) return item.relation.columns
  sourcesOf(object, scope)
  return []
}

/** Columns of `*` whose names nobody knows. */
function openOf(items: readonly SelectItem[], scope: Scope): Sources | null {
  const open = items.flatMap((item): (Sources | null)[] => {
    if (item.kind !== 'star') return []
    if (item.object === null) return scope.items.map(({ relation: each }) => each.open)
    const path = pathOf(item.object)
    const found = scope.items.find(
      ({ alias }) => alias !== null && path?.length === 1 && sameName(alias, path[0]!),
    )
    if (!found) return [sourcesOf(item.object, scope)]
    return [found.relation.open ?? (found.relation.columns.length === 0 ? found.relation.value : null)]
  })
  return open.every((each) => each === null) ? null : union(...open)
}

/** The name that a column has without AS. */
function nameOf(expression: Expression): string | null {
  if (expression.kind === 'name') return expression.name
  if (expression.kind === 'field') return expression.field.text
  return null
}
