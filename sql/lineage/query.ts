import type { CommonTable, Expression, GroupBy, Query, QueryBody, Select } from '../syntax.ts'
import { orderSources, sourcesOf, windowSources } from './expression.ts'
import { fromItems } from './from.ts'
import {
  allSources,
  columnNamed,
  columnsOfValue,
  nothing,
  relation,
  rowValue,
  sameName,
  union,
  type LineageColumn,
  type Relation,
  type Sources,
} from './relation.ts'
import { inside, type Scope } from './scope.ts'
import { selectColumns } from './select-list.ts'
import { aggregates, eitherShape, plain } from './shape.ts'

/** The columns that a query gives, each with what it is computed from. */
export function queryRelation(query: Query, scope: Scope): Relation {
  const within = withCommonTables(query, scope)
  const { body, around } = bodyOf(query.body, within)
  if (query.orderBy.length === 0) return body
  // What ORDER BY can name: the columns of the query, then those of a plain SELECT's tables.
  const ordering = inside({ ...within, decided: new Set() }, [
    { alias: null, relation: body },
    ...around.items,
  ])
  const ordered = union(
    ...query.orderBy.map(({ value }) => positionOr(value, body.columns, () => orderOf(value, ordering))),
  )
  // An order alone decides nothing; with a limit it decides which rows there are.
  return query.limit === null ? body : { ...body, rows: union(body.rows, ordered) }
}

function orderOf(value: Expression, scope: Scope): Sources {
  return orderSources([{ at: value.at, value, descending: false, nulls: null }], scope)
}

/** `GROUP BY 1` means the first column. */
function positionOr(value: Expression, columns: readonly LineageColumn[], otherwise: () => Sources): Sources {
  if (value.kind !== 'literal' || value.type !== 'INT64') return otherwise()
  return columns[Number(value.text) - 1]?.sources ?? nothing
}

/** Turns after which the tables of WITH RECURSIVE, each computed from the others, have everything that they are given. */
const mostTurns = 20

function withCommonTables(query: Query, scope: Scope): Scope {
  if (query.with.length === 0) return scope
  const tables = new Map(scope.commonTables)
  const within: Scope = { ...scope, commonTables: tables }
  if (!query.recursive) {
    for (const each of query.with) tables.set(each.name.text.toLowerCase(), commonTable(each, within))
    return within
  }
  const { unknown } = scope.session
  const before = unknown.length
  for (const { name } of query.with) tables.set(name.text.toLowerCase(), relation([], { open: nothing }))
  for (let turn = 0, size = -1; turn < mostTurns; turn++) {
    unknown.length = before
    for (const each of query.with) {
      const key = each.name.text.toLowerCase()
      if (turn === 0) startOf(each, within, (start) => tables.set(key, start))
      tables.set(key, commonTable(each, within))
    }
    const now = query.with.reduce((sum, { name }) => sum + sizeOf(tables.get(name.text.toLowerCase())!), 0)
    if (now === size) break
    size = now
  }
  return within
}

/** What a recursive table gives is, to begin with, what its first part gives. */
function startOf({ query }: CommonTable, scope: Scope, set: (start: Relation) => void): void {
  if (query.body.kind === 'set') set(bodyOf(query.body.inputs[0]!, withCommonTables(query, scope)).body)
}

function commonTable({ query, depth }: CommonTable, scope: Scope): Relation {
  const found = queryRelation(query, scope)
  if (!depth) return found
  return { ...found, columns: [...found.columns, { name: depth.alias, sources: nothing, shape: plain }] }
}

function sizeOf({ columns, rows }: Relation): number {
  return columns.reduce((sum, { sources }) => sum + sources.size + 1, rows.size)
}

/** What a body gives, and the scope of its FROM clause where it is one SELECT. */
function bodyOf(body: QueryBody, scope: Scope): { readonly body: Relation; readonly around: Scope } {
  const around = { ...scope, items: [] }
  if (body.kind === 'query') return { body: queryRelation(body.query, scope), around }
  if (body.kind === 'set') return { body: setRelation(body, scope), around }
  return selectRelation(body, scope)
}

function setRelation(body: QueryBody & { readonly kind: 'set' }, scope: Scope): Relation {
  const inputs = body.inputs.map((input) => bodyOf(input, scope).body)
  const [first, ...others] = inputs as [Relation, ...Relation[]]
  const isUnion = body.operator === 'UNION'
  // INTERSECT and EXCEPT give rows of the first query; the others decide which.
  const rows = union(
    ...inputs.map((input) => input.rows),
    ...(isUnion ? [] : others.map(allSources)),
    ...(body.all ? [] : [allSources(first)]),
  )
  const given = isUnion ? inputs : [first]
  const { byName } = body
  const columns = byName
    ? (byName.columns?.map(({ text }) => text) ?? namesOf(inputs, byName.mode)).map((name) =>
        together(
          name,
          given.map((input) => columnNamed(input.columns, name)),
          union(...given.map(({ open }) => open)),
        ),
      )
    : first.columns.map(({ name }, index) =>
        together(
          name,
          given.map((input) => input.columns[index] ?? null),
          union(...given.map(({ columns: own, open }) => (index < own.length ? null : open))),
        ),
      )
  const open = inputs.some((input) => input.open !== null)
    ? union(...inputs.map((input) => input.open))
    : null
  const result = relation(columns, { rows, open: byName?.columns ? null : open })
  return first.value === null ? result : { ...result, value: rowValue(result) }
}

function together(
  name: string | null,
  columns: readonly (LineageColumn | null)[],
  open: Sources,
): LineageColumn {
  const found = columns.flatMap((column) => column ?? [])
  return {
    name,
    sources: union(open, ...found.map(({ sources }) => sources)),
    shape: found.map(({ shape }) => shape ?? null).reduce((a, b) => eitherShape(a, b), null),
  }
}

function namesOf(inputs: readonly Relation[], mode: 'STRICT' | 'INNER' | 'LEFT' | 'FULL'): readonly string[] {
  const [first = [], ...others] = inputs.map(({ columns }) => columns.flatMap(({ name }) => name ?? []))
  if (mode === 'LEFT' || mode === 'STRICT') return first
  const has = (names: readonly string[], name: string) => names.some((other) => sameName(other, name))
  if (mode === 'INNER') return first.filter((name) => others.every((names) => has(names, name)))
  const all = [...first]
  for (const names of others) all.push(...names.filter((name) => !has(all, name)))
  return all
}

function selectRelation(select: Select, outer: Scope): { readonly body: Relation; readonly around: Scope } {
  const decided = new Set<string>()
  const items = select.from === null ? [] : fromItems(select.from, { ...outer, decided }, [])
  const windows = new Map(
    select.windows.flatMap(({ name, reference }) => [
      [
        name.text.toLowerCase(),
        reference.kind === 'inline'
          ? reference.window
          : { at: reference.at, base: reference.name, partitionBy: [], orderBy: [], frame: null },
      ] as const,
    ]),
  )
  const scope: Scope = { ...inside({ ...outer, decided }, items), windows }
  const { columns, open } = selectColumns(select.items, scope)
  const aliases = new Map(
    columns.flatMap(({ name, sources, shape = null }) =>
      name === null ? [] : [[name.toLowerCase(), { sources, shape }] as const],
    ),
  )
  const later: Scope = { ...scope, aliases }
  const own = union(
    sourcesOf(select.where, scope),
    groupSources(select, columns, later),
    sourcesOf(select.having, later),
    sourcesOf(select.qualify, later),
    select.distinct ? union(open, ...columns.map(({ sources }) => sources)) : nothing,
  )
  for (const window of windows.values()) windowSources(window, scope)
  const rows = union(...items.map((item) => item.relation.rows), own, decided)
  return { body: asValue(select, relation(columns, { rows, open })), around: scope }
}

/** SELECT AS STRUCT gives structs, SELECT AS VALUE the values of its one column. */
function asValue({ as }: Select, result: Relation): Relation {
  if (as === null) return result
  if (as === 'STRUCT') return { ...result, value: rowValue(result) }
  const [first] = result.columns
  if (first === undefined) return result
  const value = { sources: first.sources, shape: first.shape ?? null }
  const open = value.shape === null ? value.sources : null
  return { ...result, value, columns: columnsOfValue(value), open }
}

function groupSources({ groupBy, items }: Select, columns: readonly LineageColumn[], scope: Scope): Sources {
  if (groupBy === null) return nothing
  const keys = (each: Expression) => positionOr(each, columns, () => sourcesOf(each, scope))
  if (groupBy.kind === 'all')
    return union(
      ...items.map((item) =>
        item.kind === 'expression' && !aggregated(item.value) ? sourcesOf(item.value, scope) : nothing,
      ),
    )
  return union(...groupExpressions(groupBy).map(keys))
}

function groupExpressions(groupBy: Exclude<GroupBy, { readonly kind: 'all' }>): readonly Expression[] {
  return groupBy.kind === 'plain' ? groupBy.items : groupBy.sets.flatMap(({ items }) => items.flat())
}

/** Whether an aggregate of this SELECT stands in an expression; those of subqueries are not its own. */
function aggregated(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(aggregated)
  if (typeof node !== 'object' || node === null) return false
  const expression = node as Expression
  if (expression.kind === 'subquery') return false
  if (expression.kind === 'call' && expression.over === null) {
    const name = expression.name.map(({ text }) => text.toUpperCase()).join('.')
    if (aggregates.has(name)) return true
  }
  return Object.values(node).some(aggregated)
}
