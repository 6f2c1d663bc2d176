import type { MergeClause, Name, Statement, TablePath } from '../syntax.ts'
import { sourcesOf } from './expression.ts'
import { queryRelation } from './query.ts'
import { columnNamed, nothing, relation, sameName, union, type Sources, type Value } from './relation.ts'
import { missColumn, tableNamed, type FromItem, type Scope, type Session } from './scope.ts'
import { fieldOf } from './shape.ts'

/** What a script writes into one column of a table. */
export interface Written {
  /** `dataset.table` as the script names it. */
  readonly table: string
  /** `*` for what only decides which rows stay. */
  readonly column: string
  /** What its values are computed from. */
  readonly sources: Sources
  /** What decides which rows are written. */
  readonly rows: Sources
}

/** What a script has done so far. */
export interface Walk {
  readonly session: Session
  readonly known: Map<string, Value>
  readonly written: Written[]
}

export function insert(statement: Statement & { readonly kind: 'insert' }, scope: Scope, state: Walk): void {
  const table = pathText(statement.path)
  const { source } = statement
  const target = targetItem(statement.path, undefined, state.session)
  const names =
    statement.columns?.map((name) => targetColumn([name], target, scope)) ??
    target.relation.columns.map(({ name }) => name ?? '')
  if (source.kind === 'query') {
    const given = queryRelation(source.query, scope)
    names.forEach((name, index) =>
      note(table, name, given.columns[index]?.sources ?? given.open ?? nothing, given.rows, state),
    )
    return
  }
  names.forEach((name, index) =>
    note(table, name, union(...source.rows.map((row) => sourcesOf(row[index], scope))), scope.decided, state),
  )
}

export function mergeClause(
  { condition, action }: MergeClause,
  table: string,
  target: FromItem,
  outer: Scope,
  on: Sources,
  state: Walk,
): void {
  const scope = { ...outer, decided: new Set<string>() }
  const decided = sourcesOf(condition, scope)
  const rows = () => union(on, decided, scope.decided)
  if (action.kind === 'delete') deleted(table, rows(), state)
  else if (action.kind === 'update') {
    for (const { path, value } of action.assignments) {
      const sources = sourcesOf(value, scope)
      note(table, targetColumn(path, target, scope), sources, rows(), state)
    }
  } else if (action.kind === 'insertRow') {
    const source = scope.items.filter((item) => item !== target).flatMap((item) => item.relation.columns)
    for (const [index, { name }] of target.relation.columns.entries())
      if (name !== null) note(table, name, source[index]?.sources ?? nothing, rows(), state)
  } else {
    const names =
      action.columns?.map((name) => targetColumn([name], target, scope)) ??
      target.relation.columns.map(({ name }) => name ?? '')
    names.forEach((name, index) => note(table, name, sourcesOf(action.values[index], scope), rows(), state))
  }
}

/** The column that an assignment names; one that the table lacks is told. */
export function targetColumn(
  path: readonly Name[],
  { alias, relation: table }: FromItem,
  scope: Scope,
): string {
  const [first, second] = path
  if (first === undefined) return ''
  const own = columnNamed(table.columns, first.text)
  const qualified = second !== undefined && own === null && alias !== null && sameName(alias, first.text)
  const name = qualified ? second : first
  const column = qualified ? columnNamed(table.columns, second.text) : own
  if (table.open !== null) return name.text
  if (column === null) missColumn(name, alias, table.columns, scope.session)
  else {
    const rest = path.slice(qualified ? 2 : 1)
    const value = { sources: column.sources, shape: column.shape ?? null }
    fieldOf(value, rest, (field, known) => missColumn(field, name.text, known, scope.session))
  }
  return column?.name ?? name.text
}

/** What decides which rows are deleted decides which stay; a table's own columns say nothing new. */
export function deleted(table: string, decided: Sources, state: Walk): void {
  const own = `${table.toLowerCase()}.`
  const others = new Set([...decided].filter((source) => !source.toLowerCase().startsWith(own)))
  if (others.size > 0) note(table, '*', nothing, others, state)
}

export function note(table: string, column: string, sources: Sources, rows: Sources, state: Walk): void {
  const temporary = state.session.temporary.get(table.toLowerCase())
  if (temporary === undefined) {
    state.written.push({ table, column, sources, rows: new Set(rows) })
    return
  }
  state.session.temporary.set(table.toLowerCase(), {
    ...temporary,
    rows: union(temporary.rows, rows),
    columns: temporary.columns.map((each) =>
      each.name !== null && sameName(each.name, column)
        ? { ...each, sources: union(each.sources, sources) }
        : each,
    ),
  })
}

export function targetItem(path: TablePath, alias: string | undefined, session: Session): FromItem {
  const names = pathText(path).split('.')
  const found = tableNamed(names, session)
  if (found === null)
    session.unknown.push({ kind: 'table', at: path.at, name: names.join('.'), within: null, known: [] })
  return { alias: alias ?? names.at(-1) ?? null, relation: found ?? relation([], { open: nothing }) }
}

export function pathText({ parts }: TablePath): string {
  return parts
    .flatMap((part) => part.split('.'))
    .slice(-2)
    .join('.')
}
