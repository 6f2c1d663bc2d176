import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { scalar } from '../engine/database.ts'
import { invalidRequest } from '../resources/missing.ts'
import { quoteName } from '../types/duck.ts'

/** Every row that is written into one partition must belong to it. */
export async function checkPartition(
  connection: DuckDBConnection,
  table: TableEntry,
  schema: readonly StoredField[],
  from: string,
  condition: string,
  name: string,
): Promise<void> {
  const columns = schema.map((field, i) => `c${i} AS ${quoteName(field.name)}`).join(', ')
  const stray = await scalar(
    connection,
    `SELECT 1 FROM (SELECT ${columns} FROM ${from}) AS s WHERE (${condition}) IS NOT TRUE LIMIT 1`,
  )
  if (stray !== null)
    throw invalidRequest(
      `Some rows belong to different partitions rather than destination partition ${table.dataset}.${table.table}$${name}`,
    )
}
