import type { MergeClause, Statement } from '../syntax.ts'
import { sourcesOf } from './expression.ts'
import { fromItems } from './from.ts'
import { queryRelation } from './query.ts'
import { nothing, sameName, union, type Relation, type Sources } from './relation.ts'
import { inside, type FromItem, type Scope, type Session, type TableLookup, type Unknown } from './scope.ts'

/** What a script writes into one column of a table. */
export interface Written {
  /** `dataset.table` as the script names it. */
  readonly table: string
  readonly column: string
  /** What its values are computed from. */
  readonly sources: Sources
  /** What decides which rows are written. */
  readonly rows: Sources
}

export interface ScriptLineage {
  readonly written: readonly Written[]
  readonly unknown: readonly Unknown[]
}

/** Where everything that a script writes into tables comes from. */
export function scriptLineage(
  statements: readonly Statement[],
  tables: TableLookup,
  variables: readonly string[],
): ScriptLineage {
  const session: Session = { tables, temporary: new Map(), unknown: [] }
  const known = new Map<string, Sources>(variables.map((name) => [name.toLowerCase(), nothing]))
  const written: Written[] = []
  walk(statements, { session, known, written })
  return { written, unknown: session.unknown }
}

interface Walk {
  readonly session: Session
  readonly known: Map<string, Sources>
  readonly written: Written[]
}

export function rootScope(session: Session, variables: ReadonlyMap<string, Sources>): Scope {
  return { session, items: [], aliases: new Map(), commonTables: new Map(), variables, outer: null }
}

function walk(statements: readonly Statement[], state: Walk): void {
  for (const statement of statements) walkStatement(statement, state)
}

function walkStatement(statement: Statement, state: Walk): void {
  const { session, known } = state
  const scope = rootScope(session, known)
  switch (statement.kind) {
    case 'declare':
      for (const { text } of statement.names)
        known.set(text.toLowerCase(), sourcesOf(statement.default, scope))
      return
    case 'set':
      for (const { text } of statement.names) {
        const before = known.get(text.toLowerCase()) ?? null
        known.set(text.toLowerCase(), union(before, sourcesOf(statement.value, scope)))
      }
      return
    case 'if':
    case 'case':
      for (const { condition, body } of statement.branches) {
        sourcesOf(condition, scope)
        walk(body, state)
      }
      walk(statement.otherwise ?? [], state)
      return
    case 'block':
      walk(statement.body, state)
      walk(statement.handler ?? [], state)
      return
    case 'createTable':
      if (statement.source?.kind === 'query') {
        const made = queryRelation(statement.source.query, scope)
        const name = statement.path.parts.at(-1)!.toLowerCase()
        if (statement.temporary) session.temporary.set(name, made)
        else writeAll(pathText(statement.path.parts), made, state)
      }
      return
    case 'createProcedure':
      for (const { name } of statement.arguments) known.set(name.toLowerCase(), nothing)
      walk(statement.body, state)
      return
    case 'insert':
      insert(statement, scope, state)
      return
    case 'update': {
      const target = targetItem(statement.path.parts, statement.alias?.text, session)
      const items = statement.from === null ? [] : fromItems(statement.from, scope, [target])
      const within = inside(scope, [target, ...items])
      const rows = union(sourcesOf(statement.where, within), ...items.map(({ relation }) => relation.rows))
      for (const { path, value } of statement.assignments) {
        note(pathText(statement.path.parts), path[0]?.text ?? '', sourcesOf(value, within), rows, state)
      }
      return
    }
    case 'merge': {
      const target = targetItem(statement.path.parts, statement.alias?.text, session)
      const within = inside(scope, [target, ...fromItems(statement.source, scope, [])])
      const on = union(sourcesOf(statement.on, within), ...within.items.map(({ relation }) => relation.rows))
      for (const clause of statement.clauses) {
        mergeClause(clause, pathText(statement.path.parts), target, within, on, state)
      }
      return
    }
    case 'delete': {
      const target = targetItem(statement.path.parts, statement.alias?.text, session)
      sourcesOf(statement.where, inside(scope, [target]))
      return
    }
    case 'query':
      queryRelation(statement.query, scope)
      return
    case 'assert':
      sourcesOf(statement.condition, scope)
      return
    default:
  }
}

function insert(statement: Statement & { readonly kind: 'insert' }, scope: Scope, state: Walk): void {
  const table = pathText(statement.path.parts)
  const { source } = statement
  const temporary =
    statement.path.parts.length === 1 ? state.session.temporary.get(table.toLowerCase()) : undefined
  const target = temporary ?? state.session.tables(statement.path.parts.flatMap((part) => part.split('.')))
  const names =
    statement.columns?.map(({ text }) => text) ?? target?.columns.map(({ name }) => name ?? '') ?? []
  if (source.kind === 'query') {
    const given = queryRelation(source.query, scope)
    names.forEach((name, index) =>
      note(table, name, given.columns[index]?.sources ?? given.open ?? nothing, given.rows, state),
    )
    return
  }
  names.forEach((name, index) =>
    note(table, name, union(...source.rows.map((row) => sourcesOf(row[index], scope))), nothing, state),
  )
}

function mergeClause(
  { condition, action }: MergeClause,
  table: string,
  target: FromItem,
  scope: Scope,
  on: Sources,
  state: Walk,
): void {
  const rows = union(on, sourcesOf(condition, scope))
  if (action.kind === 'update') {
    for (const { path, value } of action.assignments) {
      note(table, path[0]?.text ?? '', sourcesOf(value, scope), rows, state)
    }
    return
  }
  if (action.kind === 'insertRow') {
    for (const { relation } of scope.items.filter((item) => item !== target)) {
      for (const { name, sources } of relation.columns)
        if (name !== null) note(table, name, sources, rows, state)
    }
    return
  }
  if (action.kind !== 'insert') return
  const names =
    action.columns?.map(({ text }) => text) ?? target.relation.columns.map(({ name }) => name ?? '')
  names.forEach((name, index) => note(table, name, sourcesOf(action.values[index], scope), rows, state))
}

function writeAll(table: string, made: Relation, state: Walk): void {
  for (const { name, sources } of made.columns)
    if (name !== null) note(table, name, sources, made.rows, state)
}

function note(table: string, column: string, sources: Sources, rows: Sources, state: Walk): void {
  const temporary = state.session.temporary.get(table.toLowerCase())
  if (temporary === undefined) {
    state.written.push({ table, column, sources, rows })
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

function targetItem(parts: readonly string[], alias: string | undefined, session: Session): FromItem {
  const names = parts.flatMap((part) => part.split('.'))
  const own = names.length === 1 ? session.temporary.get(names[0]!.toLowerCase()) : undefined
  return {
    alias: alias ?? names.at(-1) ?? null,
    relation: own ?? session.tables(names) ?? { columns: [], open: nothing, value: null, rows: nothing },
  }
}

function pathText(parts: readonly string[]): string {
  return parts.flatMap((part) => part.split('.')).join('.')
}
