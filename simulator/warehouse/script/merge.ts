import { type Of } from './plan.ts'
import { type Env, rootEnv } from '../analyze/context.ts'
import { analyzeCondition } from '../analyze/expression.ts'
import { analyzeFrom, type FromResult } from '../analyze/from.ts'
import { checkPartitionFilters } from '../analyze/partition-filter.ts'
import { type Column, emptyScope } from '../analyze/scope.ts'
import { type Typed, typed } from '../analyze/typed.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { execute } from '../engine/database.ts'
import { storeValue } from '../engine/store.ts'
import { invalid } from '../../../sql/problem.ts'
import type { MergeClause } from '../../../sql/syntax.ts'
import { quoteName } from '../types/duck.ts'
import type { Session } from './session.ts'
import { type Counts, none, add, type Plan } from './counts.ts'
import {
  target,
  insertColumns,
  completeRow,
  storedExpression,
  targetFrom,
  relationAlias,
  refuseDuplicates,
} from './dml-target.ts'
import { analyzeAssignments } from './assignments.ts'

/**
 * MERGE in steps: one join that decides each row's clause and computes its values, then a DELETE, UPDATEs and
 * INSERTs from it.
 */
export function planMerge(statement: Of<'merge'>, session: Session): Plan {
  const entry = target(statement.path, session)
  const root = rootEnv(session.context())
  const into = targetFrom(entry, statement.path, statement.alias, root)
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
    rewrites: clauses.some(({ kind }) => kind !== 'insert'),
    run: async () => {
      await execute(session.connection, select)
      const touching = clauses.flatMap((clause, i) => (clause.match === 'MATCHED' ? [i + 1] : []))
      if (touching.length > 0) await refuseDuplicates(work, `a IN (${touching.join(', ')})`, session)
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
