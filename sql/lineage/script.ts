import type { Name, Statement } from '../syntax.ts'
import { sourcesOf, valueOf } from './expression.ts'
import { fromItems } from './from.ts'
import { queryRelation } from './query.ts'
import {
  nothing,
  relation,
  sameName,
  union,
  type LineageColumn,
  type Relation,
  type Value,
} from './relation.ts'
import { inside, newSession, rootScope, type Scope, type TableLookup, type Unknown } from './scope.ts'
import { plain, shapeOfType } from './shape.ts'
import {
  deleted,
  insert,
  mergeClause,
  note,
  pathText,
  targetColumn,
  targetItem,
  type Walk,
  type Written,
} from './write.ts'

interface ScriptLineage {
  readonly written: readonly Written[]
  readonly unknown: readonly Unknown[]
}

/** Where everything that a script writes into tables comes from. */
export function scriptLineage(
  statements: readonly Statement[],
  tables: TableLookup,
  variables: ReadonlyMap<string, Value>,
): ScriptLineage {
  const session = newSession(tables)
  const written: Written[] = []
  walk(statements, { session, known: new Map(variables), written })
  return { written, unknown: session.unknown }
}

function walk(statements: readonly Statement[], state: Walk): void {
  for (const statement of statements) walkStatement(statement, state)
}

function walkStatement(statement: Statement, state: Walk): void {
  const { session, known } = state
  const scope = rootScope(session, known)
  switch (statement.kind) {
    case 'declare': {
      const given = statement.default === null ? null : valueOf(statement.default, scope)
      const sources = given?.sources ?? nothing
      const shape = statement.type === null ? (given?.shape ?? null) : shapeOfType(statement.type, sources)
      for (const { text } of statement.names) known.set(text.toLowerCase(), { sources, shape })
      return
    }
    case 'set':
      set(statement, scope, known)
      return
    case 'setSystem':
      if (statement.name.toLowerCase() === 'dataset_id' && statement.value.kind === 'literal')
        session.dataset = statement.value.text
      sourcesOf(statement.value, scope)
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
      createTable(statement, scope, state)
      return
    case 'createView':
      keep(pathText(statement.path), named(queryRelation(statement.query, scope), statement.columns), state)
      return
    case 'createTableFunction': {
      const variables = new Map(known)
      for (const { name, type } of statement.arguments)
        variables.set(name.toLowerCase(), { sources: nothing, shape: shapeOfType(type, nothing) })
      const given = queryRelation(statement.query, rootScope(session, variables))
      const made = named(
        given,
        statement.returns?.map(({ name, at }) => ({ name: { text: name, at } })) ?? null,
      )
      session.functions.set(pathText(statement.path).toLowerCase(), made)
      return
    }
    case 'createProcedure':
      for (const { name } of statement.arguments)
        known.set(name.toLowerCase(), { sources: nothing, shape: null })
      walk(statement.body, state)
      return
    case 'alterTable':
      alterTable(statement, state)
      return
    case 'insert':
      insert(statement, scope, state)
      return
    case 'update': {
      const target = targetItem(statement.path, statement.alias?.text, session)
      const items = statement.from === null ? [] : fromItems(statement.from, scope, [])
      const within = inside(scope, [target, ...items])
      const decided = sourcesOf(statement.where, within)
      const values = statement.assignments.map(({ path, value }) => ({
        column: targetColumn(path, target, within),
        sources: sourcesOf(value, within),
      }))
      const rows = union(decided, scope.decided, ...items.map((item) => item.relation.rows))
      for (const { column, sources } of values) note(pathText(statement.path), column, sources, rows, state)
      return
    }
    case 'merge': {
      const target = targetItem(statement.path, statement.alias?.text, session)
      const within = inside(scope, [target, ...fromItems(statement.source, scope, [])])
      const on = sourcesOf(statement.on, within)
      const source = within.items.filter((item) => item !== target)
      const rows = union(on, ...source.map((item) => item.relation.rows))
      for (const clause of statement.clauses)
        mergeClause(clause, pathText(statement.path), target, within, rows, state)
      return
    }
    case 'delete': {
      const target = targetItem(statement.path, statement.alias?.text, session)
      const decided = sourcesOf(statement.where, inside(scope, [target]))
      deleted(pathText(statement.path), union(decided, scope.decided), state)
      return
    }
    case 'query':
      queryRelation(statement.query, scope)
      return
    case 'assert':
      sourcesOf(statement.condition, scope)
      sourcesOf(statement.message, scope)
      return
    case 'raise':
      sourcesOf(statement.message, scope)
      return
    case 'call':
      for (const each of statement.arguments) sourcesOf(each, scope)
      return
    case 'drop':
      session.temporary.delete(pathText(statement.path).toLowerCase())
      return
    default:
  }
}

/** `SET (a, b) = (…)` deals the fields of a struct out. */
function set(
  { names, list, value }: Statement & { readonly kind: 'set' },
  scope: Scope,
  known: Map<string, Value>,
): void {
  const given = valueOf(value, scope)
  for (const [index, { text }] of names.entries()) {
    const before = known.get(text.toLowerCase())
    const field = list && given.shape?.kind === 'struct' ? given.shape.fields[index] : undefined
    const sources = union(before?.sources ?? null, field?.sources ?? given.sources)
    known.set(text.toLowerCase(), { sources, shape: before?.shape ?? null })
  }
}

function createTable(
  statement: Statement & { readonly kind: 'createTable' },
  scope: Scope,
  state: Walk,
): void {
  const { source, columns, path, temporary } = statement
  const table = pathText(path)
  const declared = columns?.map(({ name, type }): LineageColumn => ({
    name,
    sources: nothing,
    shape: shapeOfType(type, nothing),
  }))
  if (source === null) {
    const partition = statement.partitionBy?.kind === 'name' ? statement.partitionBy.name.toUpperCase() : ''
    const hidden = partition.startsWith('_PARTITION')
      ? ['_PARTITIONDATE', '_PARTITIONTIME'].map((name) => ({ name, sources: nothing, shape: plain }))
      : []
    state.session.temporary.set(table.toLowerCase(), relation(declared ?? [], { hidden }))
    return
  }
  const made =
    source.kind === 'query'
      ? queryRelation(source.query, scope)
      : targetItem(source.path, undefined, state.session).relation
  const given = named(made, declared ? declared.map(({ name }) => ({ name: { text: name!, at: 0 } })) : null)
  if (source.kind === 'like') {
    const empty = given.columns.map((column) => ({ ...column, sources: nothing }))
    state.session.temporary.set(table.toLowerCase(), relation(empty))
    return
  }
  if (temporary) state.session.temporary.set(table.toLowerCase(), { ...given, value: null })
  else keep(table, given, state)
}

/** What a statement makes of a table that stays: its readers within the script see where it comes from. */
function keep(table: string, made: Relation, state: Walk): void {
  for (const { name, sources } of made.columns)
    if (name !== null) state.written.push({ table, column: name, sources, rows: made.rows })
  const known = state.session.tables(table.split('.'))
  if (known === null) state.session.temporary.set(table.toLowerCase(), { ...made, value: null })
}

/** Columns under the names that a statement gives them. */
function named(made: Relation, names: readonly { readonly name: Name }[] | null): Relation {
  if (names === null || made.open !== null) return made
  const columns = made.columns.map((column, index) => ({
    ...column,
    name: names[index]?.name.text ?? column.name,
  }))
  return { ...made, columns }
}

function alterTable({ path, actions }: Statement & { readonly kind: 'alterTable' }, { session }: Walk): void {
  let key = pathText(path).toLowerCase()
  for (const action of actions) {
    const table = session.temporary.get(key)
    if (table === undefined) return
    const others = (name: string) =>
      table.columns.filter((column) => column.name === null || !sameName(column.name, name))
    if (action.kind === 'addColumn') {
      const { name, type } = action.column
      const added = { name, sources: nothing, shape: shapeOfType(type, nothing) }
      session.temporary.set(key, { ...table, columns: [...others(name), added] })
    } else if (action.kind === 'dropColumn')
      session.temporary.set(key, { ...table, columns: others(action.column) })
    else if (action.kind === 'renameColumn') {
      const columns = table.columns.map((column) =>
        column.name !== null && sameName(column.name, action.column)
          ? { ...column, name: action.to }
          : column,
      )
      session.temporary.set(key, { ...table, columns })
    } else if (action.kind === 'renameTo') {
      session.temporary.delete(key)
      key = [...key.split('.').slice(0, -1), action.name.toLowerCase()].join('.')
      session.temporary.set(key, table)
    }
  }
}
