import { coerceOrFail } from '../analyze/coerce.ts'
import { type Env, rootEnv, uniqueName } from '../analyze/context.ts'
import { analyzeCondition, analyzeExpression } from '../analyze/expression.ts'
import { analyzeFrom, type FromResult, scopeOf } from '../analyze/from.ts'
import { checkPartitionFilters } from '../analyze/partition-filter.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { type Column, emptyScope } from '../analyze/scope.ts'
import { findTable, INGESTION_COLUMN, tableRelation } from '../analyze/table.ts'
import { timestampSql } from '../analyze/coerce.ts'
import { packStruct } from '../analyze/coerce.ts'
import { fieldOf } from '../analyze/expression.ts'
import { type Typed, typed } from '../analyze/typed.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { execute, scalar } from '../engine/database.ts'
import { defaultValue, storeValue } from '../engine/store.ts'
import { invalid, unsupported } from '../sql/problem.ts'
import type { Assignment, Expression, MergeClause, Name, Statement, TablePath } from '../sql/syntax.ts'
import { quoteName } from '../types/duck.ts'
import { WarehouseError } from '../warehouse.ts'
import type { Session } from './session.ts'

export interface Counts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

const none: Counts = { inserted: 0, updated: 0, deleted: 0 }

/** A writing statement that has been checked; run it inside the writers' transaction. */
export interface Plan {
  readonly target: TableEntry
  run(): Promise<Counts>
}

type Of<K extends Statement['kind']> = Statement & { kind: K }

function target(path: TablePath, session: Session): TableEntry {
  const entry = findTable(path, session.context())
  if (entry.kind === 'VIEW')
    throw invalid(path.at, `${entry.dataset}.${entry.table} is not a table and cannot be modified`)
  return entry
}

function columnNamed(entry: TableEntry, name: Name): StoredField {
  const field = entry.schema.find((item) => item.name.toLowerCase() === name.text.toLowerCase())
  if (!field)
    throw invalid(name.at, `Column ${name.text} is not present in table ${entry.dataset}.${entry.table}`)
  return field
}

/** The columns that an INSERT names; all without a list. */
function insertColumns(entry: TableEntry, names: readonly Name[] | null): StoredField[] {
  if (!names) return [...entry.schema]
  const columns = names.map((name) => columnNamed(entry, name))
  for (const [i, column] of columns.entries())
    if (columns.indexOf(column) < i)
      throw invalid(names[i]!.at, `INSERT has duplicate column name: ${column.name}`)
  return columns
}

/** Names and values of every physical column, given those that the statement sets. */
function completeRow(
  entry: TableEntry,
  values: ReadonlyMap<StoredField, string>,
  session: Session,
): { names: string[]; sql: string[] } {
  const context = session.context()
  const names = entry.schema.map((field) => quoteName(field.name))
  const sql = entry.schema.map(
    (field) => values.get(field) ?? storeValue(defaultValue(field, context), field, 0),
  )
  if (entry.partitioning && entry.partitioning.field === undefined) {
    names.push(quoteName(INGESTION_COLUMN))
    sql.push(
      `CAST(date_trunc('${entry.partitioning.type.toLowerCase()}', ${timestampSql(BigInt(session.request.now) * 1000n, false)} AT TIME ZONE 'UTC') AS TIMESTAMP) AT TIME ZONE 'UTC'`,
    )
  }
  return { names, sql }
}

export function planInsert(statement: Of<'insert'>, session: Session): Plan {
  const entry = target(statement.path, session)
  const columns = insertColumns(entry, statement.columns)
  const env = rootEnv(session.context())
  const sql =
    statement.source.kind === 'query'
      ? insertQuery(entry, columns, statement, env, session)
      : insertValues(entry, columns, statement.source.rows, env, session)
  return {
    target: entry,
    run: async () => ({ ...none, inserted: (await execute(session.connection, sql)).rowsChanged }),
  }
}

function insertQuery(
  entry: TableEntry,
  columns: readonly StoredField[],
  statement: Of<'insert'>,
  env: Env,
  session: Session,
): string {
  if (statement.source.kind !== 'query') return ''
  const query = analyzeQuery(statement.source.query, env)
  if (query.columns.length !== columns.length)
    throw invalid(
      statement.at,
      `Inserted row has wrong column count; Has ${query.columns.length}, expected ${columns.length}`,
    )
  const alias = uniqueName(env.context, 'i')
  const values = new Map(
    columns.map((field, i) => [field, storeValue(outputOf(query, i, alias), field, statement.at)]),
  )
  const row = completeRow(entry, values, session)
  return `INSERT INTO ${entry.physical} (${row.names.join(', ')}) SELECT ${row.sql.join(', ')} FROM (${query.sql}) AS ${alias}`
}

/** An output column by its name; literals keep their freedom to become other types. */
function outputOf(query: ReturnType<typeof analyzeQuery>, i: number, alias: string): Typed {
  const { type } = query.columns[i]!
  const literal = query.literals[i]
  return literal && literal.kind !== 'array' && literal.kind !== 'struct'
    ? { sql: `${alias}.c${i}`, type, literal }
    : typed(`${alias}.c${i}`, type)
}

function insertValues(
  entry: TableEntry,
  columns: readonly StoredField[],
  rows: readonly (readonly Expression[])[],
  env: Env,
  session: Session,
): string {
  const tuples: string[] = []
  let names: string[] = []
  for (const row of rows) {
    if (row.length !== columns.length)
      throw invalid(
        row[0]!.at,
        `Inserted row has wrong column count; Has ${row.length}, expected ${columns.length}`,
      )
    const values = new Map(columns.map((field, i) => [field, storedExpression(row[i]!, field, env, session)]))
    const complete = completeRow(entry, values, session)
    names = complete.names
    tuples.push(`(${complete.sql.join(', ')})`)
  }
  return `INSERT INTO ${entry.physical} (${names.join(', ')}) VALUES ${tuples.join(', ')}`
}

/** An expression, or DEFAULT, as a column takes it. */
function storedExpression(expression: Expression, field: StoredField, env: Env, session: Session): string {
  const value =
    expression.kind === 'default'
      ? defaultValue(field, session.context())
      : analyzeExpression(expression, env)
  return storeValue(value, field, expression.at)
}

/** The target of UPDATE, DELETE and MERGE as a relation called `alias`. */
function targetFrom(entry: TableEntry, path: TablePath, name: Name | null, alias: string): FromResult {
  const relation = tableRelation(entry, alias, name?.text ?? path.parts.at(-1)!)
  return {
    sql: `${entry.physical} AS ${alias}`,
    relations: [relation],
    star: relation.columns,
    conditions: [],
    lateral: false,
  }
}

export function planDelete(statement: Of<'delete'>, session: Session): Plan {
  const entry = target(statement.path, session)
  const root = rootEnv(session.context())
  const from = targetFrom(entry, statement.path, statement.alias, uniqueName(root.context, 't'))
  checkPartitionFilters(from, statement.where, root)
  const where = analyzeCondition(
    statement.where,
    { ...root, scope: scopeOf(from, root), noAggregates: 'WHERE clause' },
    'WHERE clause',
  )
  const sql = `DELETE FROM ${from.sql} WHERE ${where.sql}`
  return {
    target: entry,
    run: async () => ({ ...none, deleted: (await execute(session.connection, sql)).rowsChanged }),
  }
}

export function planTruncate(statement: Of<'truncate'>, session: Session): Plan {
  const entry = target(statement.path, session)
  return {
    target: entry,
    run: async () => ({
      ...none,
      deleted: (await execute(session.connection, `DELETE FROM ${entry.physical}`)).rowsChanged,
    }),
  }
}

interface Set {
  readonly field: StoredField
  readonly sql: string
}

/** The assignments of an UPDATE, with nested fields folded into their column. */
function analyzeAssignments(
  assignments: readonly Assignment[],
  entry: TableEntry,
  from: FromResult,
  env: Env,
  session: Session,
): Set[] {
  const sets: Set[] = []
  for (const assignment of assignments) {
    const relation = from.relations[0]!
    let path = assignment.path
    if (
      path.length > 1 &&
      path[0]!.text.toLowerCase() === relation.alias?.toLowerCase() &&
      entry.schema.some((f) => f.name.toLowerCase() === path[1]!.text.toLowerCase())
    )
      path = path.slice(1)
    const field = columnNamed(entry, path[0]!)
    if (sets.some((set) => set.field === field)) {
      if (path.length > 1) throw unsupported(assignment.at, 'SET of several fields of one column')
      throw invalid(assignment.at, `Update item ${field.name} assigned more than once`)
    }
    if (path.length === 1) sets.push({ field, sql: storedExpression(assignment.value, field, env, session) })
    else {
      const column = relation.columns.find((item) => item.name === field.name)!.value
      const value = analyzeExpression(assignment.value, env)
      sets.push({
        field,
        sql: storeValue(replaceField(column, path.slice(1), value, assignment.at), field, assignment.at),
      })
    }
  }
  return sets
}

function replaceField(struct: Typed, path: readonly Name[], value: Typed, at: number): Typed {
  const [name, ...rest] = path
  const { type } = struct
  const current = fieldOf(struct, name!.text, name!.at)
  if (type.kind !== 'struct') throw invalid(at, `Cannot set a field of ${struct.sql}`)
  const changed =
    rest.length > 0 ? replaceField(current, rest, value, at) : coerceOrFail(value, current.type, at)
  const items = type.fields.map((field) =>
    field.name?.toLowerCase() === name!.text.toLowerCase() ? changed : fieldOf(struct, field.name ?? '', at),
  )
  return typed(packStruct(items, type).sql, type)
}

export function planUpdate(statement: Of<'update'>, session: Session): Plan {
  const entry = target(statement.path, session)
  const root = rootEnv(session.context())
  const from = targetFrom(entry, statement.path, statement.alias, uniqueName(root.context, 't'))
  const other = statement.from ? analyzeFrom(statement.from, root) : null
  const star: readonly Column[] = [...from.star, ...(other?.star ?? [])]
  const relations = [...from.relations, ...(other?.relations ?? [])]
  checkPartitionFilters({ ...from, relations, conditions: other?.conditions ?? [] }, statement.where, root)
  const env: Env = {
    ...root,
    scope: { ...emptyScope, star, relations },
    noAggregates: 'UPDATE',
    noWindows: 'UPDATE',
  }
  const where = analyzeCondition(statement.where, env, 'WHERE clause')
  const sets = analyzeAssignments(statement.assignments, entry, from, env, session)
  const alias = relationAlias(from)
  if (!other) {
    const list = sets.map((set) => `${quoteName(set.field.name)} = ${set.sql}`).join(', ')
    const sql = `UPDATE ${from.sql} SET ${list} WHERE ${where.sql}`
    return {
      target: entry,
      run: async () => ({ ...none, updated: (await execute(session.connection, sql)).rowsChanged }),
    }
  }
  const work = `temp.main."_update${session.unique()}"`
  const columns = sets.map((set, i) => `${set.sql} AS u${i}`)
  const select = `CREATE TEMP TABLE ${work} AS SELECT ${alias}.rowid AS r, ${columns.join(', ')} FROM ${from.sql} CROSS JOIN ${statement.from!.kind === 'join' ? `(${other.sql})` : other.sql} WHERE ${where.sql}`
  return {
    target: entry,
    run: async () => {
      await execute(session.connection, select)
      await refuseDuplicates(work, 'TRUE', 'UPDATE', session)
      const list = sets.map((set, i) => `${quoteName(set.field.name)} = w.u${i}`).join(', ')
      const result = await execute(
        session.connection,
        `UPDATE ${entry.physical} AS t SET ${list} FROM ${work} AS w WHERE t.rowid = w.r`,
      )
      await execute(session.connection, `DROP TABLE ${work}`)
      return { ...none, updated: result.rowsChanged }
    },
  }
}

function relationAlias(from: FromResult): string {
  return from.sql.slice(from.sql.lastIndexOf(' ') + 1)
}

async function refuseDuplicates(
  work: string,
  condition: string,
  what: string,
  session: Session,
): Promise<void> {
  const twice = await scalar(
    session.connection,
    `SELECT 1 FROM ${work} WHERE ${condition} GROUP BY r HAVING count(*) > 1 LIMIT 1`,
  )
  if (twice !== null)
    throw new WarehouseError({
      reason: 'invalidQuery',
      location: 'query',
      message: `${what} must match at most one source row for each target row`,
    })
}

/**
 * MERGE in steps: one join that decides each row's clause and computes its values, then a DELETE, UPDATEs and
 * INSERTs from it.
 */
export function planMerge(statement: Of<'merge'>, session: Session): Plan {
  const entry = target(statement.path, session)
  const root = rootEnv(session.context())
  const into = targetFrom(entry, statement.path, statement.alias, uniqueName(root.context, 't'))
  const source = flatten(analyzeFrom(statement.source, root))
  const scope = (...sides: FromResult[]): Env => ({
    ...root,
    scope: {
      ...emptyScope,
      relations: sides.flatMap((side) => side.relations),
      star: sides.flatMap((side) => side.star),
    },
    noAggregates: 'MERGE',
    noWindows: 'MERGE',
  })
  checkPartitionFilters(
    { ...into, relations: into.relations, conditions: [statement.on] },
    statement.on,
    root,
  )
  const on = analyzeCondition(statement.on, scope(into, source), 'MERGE condition')
  const t = relationAlias(into)
  const clauses = statement.clauses.map((clause) => {
    const env =
      clause.match === 'MATCHED'
        ? scope(into, source)
        : clause.match === 'NOT MATCHED'
          ? scope(source)
          : scope(into)
    return analyzeClause(clause, entry, into, source, env, session)
  })
  const side = {
    MATCHED: `${t}.rowid IS NOT NULL AND z.s IS NOT NULL`,
    'NOT MATCHED': `${t}.rowid IS NULL`,
    'NOT MATCHED BY SOURCE': 'z.s IS NULL',
  }
  const action = clauses
    .map(
      (clause, i) =>
        `WHEN ${side[clause.match]}${clause.condition ? ` AND ${clause.condition}` : ''} THEN ${i + 1}`,
    )
    .join(' ')
  const used = {
    bySource: clauses.some((c) => c.match === 'NOT MATCHED BY SOURCE'),
    byTarget: clauses.some((c) => c.match === 'NOT MATCHED'),
  }
  const join =
    used.bySource && used.byTarget
      ? 'FULL JOIN'
      : used.bySource
        ? 'LEFT JOIN'
        : used.byTarget
          ? 'RIGHT JOIN'
          : 'JOIN'
  const work = `temp.main."_merge${session.unique()}"`
  const chosen = `CASE ${action} END`
  const values = clauses.flatMap((clause, i) =>
    clause.values.map((value, j) => `CASE WHEN ${chosen} = ${i + 1} THEN ${value.sql} END AS v${i}_${j}`),
  )
  const columns = [`${t}.rowid AS r`, `${chosen} AS a`, ...values]
  const select = `CREATE TEMP TABLE ${work} AS SELECT ${columns.join(', ')} FROM ${into.sql} ${join} ${source.sql} ON ${on.sql}`
  return {
    target: entry,
    run: async () => {
      await execute(session.connection, select)
      const touching = clauses.flatMap((clause, i) => (clause.match === 'MATCHED' ? [i + 1] : []))
      if (touching.length > 0)
        await refuseDuplicates(work, `a IN (${touching.join(', ')})`, 'UPDATE/MERGE', session)
      let counts = none
      for (const [i, clause] of clauses.entries())
        counts = add(counts, await applyClause(clause, i, entry, work, session))
      await execute(session.connection, `DROP TABLE ${work}`)
      return counts
    },
  }
}

/** The source as one derived table z with a mark `s`, so that an outer join can tell its rows from missing ones. */
function flatten(source: FromResult): FromResult {
  const names = new Map<string, string>()
  const move = (value: Typed): Typed => {
    const name = names.get(value.sql) ?? `s${names.size}`
    names.set(value.sql, name)
    return typed(`z.${name}`, value.type)
  }
  const moveAll = (columns: readonly Column[]): Column[] =>
    columns.map((column) => ({ name: column.name, value: move(column.value) }))
  const star = moveAll(source.star)
  const relations = source.relations.map((relation) => ({
    ...relation,
    columns: moveAll(relation.columns),
    pseudo: moveAll(relation.pseudo),
    value: relation.value && move(relation.value),
  }))
  const columns = [...names].map(([sql, name]) => `${sql} AS ${name}`)
  return {
    ...source,
    relations,
    star,
    sql: `(SELECT ${['TRUE AS s', ...columns].join(', ')} FROM ${source.sql}) AS z`,
  }
}

interface Clause {
  readonly match: MergeClause['match']
  readonly condition: string | null
  readonly kind: 'delete' | 'update' | 'insert'
  readonly values: readonly { readonly name: string; readonly sql: string }[]
}

function analyzeClause(
  clause: MergeClause,
  entry: TableEntry,
  into: FromResult,
  source: FromResult,
  env: Env,
  session: Session,
): Clause {
  const condition = clause.condition
    ? analyzeCondition(clause.condition, env, 'MERGE WHEN condition').sql
    : null
  const { action, match } = clause
  if (action.kind === 'delete') return { match, condition, kind: 'delete', values: [] }
  if (action.kind === 'update') {
    const sets = analyzeAssignments(action.assignments, entry, into, env, session)
    return {
      match,
      condition,
      kind: 'update',
      values: sets.map((set) => ({ name: quoteName(set.field.name), sql: set.sql })),
    }
  }
  const row = new Map<StoredField, string>()
  if (action.kind === 'insertRow') {
    if (source.star.length !== entry.schema.length)
      throw invalid(
        clause.at,
        `INSERT ROW needs a source with the ${entry.schema.length} columns of the target`,
      )
    for (const field of entry.schema) {
      const column = source.star.find((item) => item.name?.toLowerCase() === field.name.toLowerCase())
      if (!column) throw invalid(clause.at, `INSERT ROW: the source has no column ${field.name}`)
      row.set(field, storeValue(column.value, field, clause.at))
    }
  } else {
    const columns = insertColumns(entry, action.columns)
    if (columns.length !== action.values.length)
      throw invalid(
        clause.at,
        `Inserted row has wrong column count; Has ${action.values.length}, expected ${columns.length}`,
      )
    for (const [i, field] of columns.entries())
      row.set(field, storedExpression(action.values[i]!, field, env, session))
  }
  const complete = completeRow(entry, row, session)
  return {
    match,
    condition,
    kind: 'insert',
    values: complete.names.map((name, i) => ({ name, sql: complete.sql[i]! })),
  }
}

async function applyClause(
  clause: Clause,
  i: number,
  entry: TableEntry,
  work: string,
  session: Session,
): Promise<Counts> {
  const { connection } = session
  if (clause.kind === 'delete') {
    const result = await execute(
      connection,
      `DELETE FROM ${entry.physical} WHERE rowid IN (SELECT r FROM ${work} WHERE a = ${i + 1})`,
    )
    return { ...none, deleted: result.rowsChanged }
  }
  if (clause.kind === 'update') {
    const list = clause.values.map((value, j) => `${value.name} = w.v${i}_${j}`).join(', ')
    const result = await execute(
      connection,
      `UPDATE ${entry.physical} AS t SET ${list} FROM ${work} AS w WHERE t.rowid = w.r AND w.a = ${i + 1}`,
    )
    return { ...none, updated: result.rowsChanged }
  }
  const names = clause.values.map((value) => value.name).join(', ')
  const values = clause.values.map((_, j) => `v${i}_${j}`).join(', ')
  const result = await execute(
    connection,
    `INSERT INTO ${entry.physical} (${names}) SELECT ${values} FROM ${work} WHERE a = ${i + 1}`,
  )
  return { ...none, inserted: result.rowsChanged }
}

export function add(a: Counts, b: Counts): Counts {
  return { inserted: a.inserted + b.inserted, updated: a.updated + b.updated, deleted: a.deleted + b.deleted }
}
