import { type Database, execute } from '../engine/database.ts'
import { decorated, dropExpiredTables, expire } from '../engine/partitions.ts'
import { rowsOf } from '../engine/rows.ts'
import { invalidRequest, requireTable } from '../resources/missing.ts'
import { quoteName } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'
import type { Field, ResultRows, TableName } from '../warehouse.ts'

/** A table's rows as they are stored. */
export async function readTable(
  database: Database,
  project: string,
  name: TableName,
  now: number,
  partition?: string,
): Promise<{ readonly schema: readonly Field[]; readonly rows: ResultRows }> {
  await dropExpiredTables(database, now)
  await expire(database, now, [name])
  const entry = requireTable(database, project, name)
  if (entry.kind === 'VIEW')
    throw invalidRequest(`Cannot list a table of type VIEW: ${project}:${name.dataset}.${name.table}`)
  const part = partition === undefined ? '' : ` WHERE ${decorated(entry, partition).condition}`
  const columns = entry.schema.map((field) => quoteName(field.name))
  const result = await database.withConnection((connection) =>
    execute(
      connection,
      `SELECT ${columns.length > 0 ? columns.join(', ') : '1'} FROM ${entry.physical}${part}`,
    ),
  )
  return { schema: entry.schema, rows: rowsOf(result, entry.schema.map(typeOfField)) }
}
