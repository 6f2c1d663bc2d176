import { type Of } from './plan.ts'
import { type Env, rootEnv, uniqueName } from '../analyze/context.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { type Typed, typed } from '../analyze/typed.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { execute } from '../engine/database.ts'
import { storeValue } from '../engine/store.ts'
import { invalid } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import type { Session } from './session.ts'
import { none, type Plan } from './counts.ts'
import { target, insertColumns, completeRow, storedExpression } from './dml-target.ts'

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
    columns.map((field, i) => [
      field,
      storeValue(
        outputOf(query, i, alias),
        field,
        statement.at,
        (given, column, type) =>
          `Query column ${i + 1} has type ${given} which cannot be inserted into column ${column}, which has type ${type}`,
      ),
    ]),
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
