import { type Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { type FromResult } from '../analyze/from.ts'
import { findTable, INGESTION_COLUMN, scan } from '../analyze/table.ts'
import { timestampSql } from '../analyze/coerce.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { scalar } from '../engine/database.ts'
import { defaultValue, type Refusal, storeValue } from '../engine/store.ts'
import { invalid } from '../../../sql/problem.ts'
import type { Expression, Name, TablePath } from '../../../sql/syntax.ts'
import { quoteName } from '../types/duck.ts'
import { WarehouseError } from '../warehouse.ts'
import type { Session } from './session.ts'

export function target(path: TablePath, session: Session): TableEntry {
  const entry = findTable(path, session.context())
  if (entry.kind === 'VIEW')
    throw invalid(path.at, `${entry.dataset}.${entry.table} is not a table and cannot be modified`)
  if (entry.snapshot)
    throw invalid(path.at, `${entry.dataset}.${entry.table} is a snapshot and cannot be modified`)
  return entry
}

export function columnNamed(entry: TableEntry, name: Name): StoredField {
  const field = entry.schema.find((item) => item.name.toLowerCase() === name.text.toLowerCase())
  if (!field)
    throw invalid(name.at, `Column ${name.text} is not present in table ${entry.dataset}.${entry.table}`)
  return field
}

/** The columns that an INSERT names; all without a list. */
export function insertColumns(entry: TableEntry, names: readonly Name[] | null): StoredField[] {
  if (!names) return [...entry.schema]
  const columns = names.map((name) => columnNamed(entry, name))
  for (const [i, column] of columns.entries())
    if (columns.indexOf(column) < i)
      throw invalid(names[i]!.at, `INSERT has columns with duplicate name: ${column.name}`)
  return columns
}

/** Names and values of every physical column, given those that the statement sets. */
export function completeRow(
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

/** An expression, or DEFAULT, as a column takes it. */
export function storedExpression(
  expression: Expression,
  field: StoredField,
  env: Env,
  session: Session,
  refusal?: Refusal,
): string {
  const value =
    expression.kind === 'default'
      ? defaultValue(field, session.context())
      : analyzeExpression(expression, env)
  return storeValue(value, field, expression.at, refusal)
}

/** The target of UPDATE, DELETE and MERGE as a relation. */
export function targetFrom(entry: TableEntry, path: TablePath, name: Name | null, root: Env): FromResult {
  return scan(entry, name?.text ?? path.parts.at(-1)!, root.context)
}

export function relationAlias(from: FromResult): string {
  return from.sql.slice(from.sql.lastIndexOf(' ') + 1)
}

export async function refuseDuplicates(work: string, condition: string, session: Session): Promise<void> {
  const twice = await scalar(
    session.connection,
    `SELECT 1 FROM ${work} WHERE ${condition} GROUP BY r HAVING count(*) > 1 LIMIT 1`,
  )
  if (twice !== null)
    throw new WarehouseError({
      reason: 'invalidQuery',
      location: 'query',
      message: `UPDATE/MERGE must match at most one source row for each target row`,
    })
}
