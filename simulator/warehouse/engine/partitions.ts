import { INGESTION_COLUMN } from '../analyze/table.ts'
import { timestampSql } from '../analyze/coerce.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { touch } from '../catalog/touch.ts'
import { invalid } from '../../../sql/problem.ts'
import { quoteName } from '../types/duck.ts'
import { parseDatetime } from '../types/temporal.ts'
import type { TableName } from '../warehouse.ts'
import type { Session } from '../script/session.ts'
import { type Database, execute, scalar } from './database.ts'

/** The start of each row's partition, a DuckDB TIMESTAMP; null without partitions by time. */
export function partitionStart(entry: TableEntry): string | null {
  const { partitioning } = entry
  if (!partitioning) return null
  const field = entry.schema.find((item) => item.name.toLowerCase() === partitioning.field?.toLowerCase())
  const column = quoteName(field?.name ?? INGESTION_COLUMN)
  const civil =
    !field || field.type === 'TIMESTAMP' ? `(${column} AT TIME ZONE 'UTC')` : `CAST(${column} AS TIMESTAMP)`
  return `CAST(date_trunc('${partitioning.type.toLowerCase()}', ${civil}) AS TIMESTAMP)`
}

/** The partition that a decorator names, as a condition and as its start. */
export function decorated(entry: TableEntry, decorator: string): { condition: string; start: string } {
  const pattern = {
    YEAR: /^(\d{4})$/,
    MONTH: /^(\d{4})(\d{2})$/,
    DAY: /^(\d{4})(\d{2})(\d{2})$/,
    HOUR: /^(\d{4})(\d{2})(\d{2})(\d{2})$/,
  }
  const start = partitionStart(entry)
  if (!start || !entry.partitioning) {
    const { rangePartitioning: range } = entry
    if (!range || !/^-?\d+$/.test(decorator))
      throw invalid(0, `Table ${entry.table} has no partition ${decorator}`)
    const column = quoteName(range.field)
    return {
      condition: `${column} >= ${decorator} AND ${column} < ${Number(decorator) + range.interval}`,
      start: decorator,
    }
  }
  const match = pattern[entry.partitioning.type].exec(decorator)
  const [, year, month = '01', day = '01', hour = '00'] = match ?? []
  const text = `${year}-${month}-${day} ${hour}:00:00`
  if (!match || parseDatetime(text) === null)
    throw invalid(0, `Invalid partition decorator: ${entry.table}$${decorator}`)
  return { condition: `${start} = TIMESTAMP '${text}'`, start: `TIMESTAMP '${text}'` }
}

/** Tables past their expiration and partitions past theirs vanish before anyone looks at them. */
export async function expire(
  database: Database,
  now: number,
  names: readonly TableName[],
  session?: Session,
): Promise<void> {
  const condition = (entry: TableEntry): string | null => {
    const start = partitionStart(entry)
    const age = entry.partitioning?.expirationMs
    return start && age !== undefined
      ? `${start} <= ${timestampSql(BigInt(Math.floor(now - age)) * 1000n, true)}`
      : null
  }
  for (const name of names) {
    const entry = name.dataset === '' ? undefined : database.catalog.table(name)
    const stale = entry && condition(entry)
    if (!stale) continue
    const any = `SELECT 1 FROM ${entry.physical} WHERE ${stale} LIMIT 1`
    const remove = `DELETE FROM ${entry.physical} WHERE ${stale}`
    if (session?.inTransaction) {
      if ((await scalar(session.connection, any)) !== null) {
        await execute(session.connection, remove)
        touch(session.pending, database.catalog, name)
      }
    } else if ((await database.withConnection((connection) => scalar(connection, any))) !== null) {
      await database.write(async (connection, changes) => {
        await execute(connection, remove)
        touch(changes, database.catalog, name)
      })
    }
  }
}

/** Drops the tables whose expiration time has passed. */
export async function dropExpiredTables(database: Database, now: number): Promise<void> {
  for (const { dataset } of database.catalog.datasets()) {
    for (const { model, expiresAt } of database.catalog.models(dataset))
      if (expiresAt !== undefined && expiresAt <= now)
        await database.write(
          async (_connection, changes) => void changes.push({ kind: 'dropModel', dataset, model }),
        )
    for (const entry of database.catalog.tables(dataset)) {
      if (entry.expiresAt === undefined || entry.expiresAt > now) continue
      await database.write(async (connection, changes) => {
        if (entry.kind === 'TABLE') await execute(connection, `DROP TABLE IF EXISTS ${entry.physical}`)
        changes.push({ kind: 'dropTable', name: entry })
      })
    }
  }
}
