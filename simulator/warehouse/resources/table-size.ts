import type { DuckDBConnection } from '@duckdb/node-api'
import { partitionId } from '../catalog/information-schema/partitions.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { type Database, execute } from '../engine/database.ts'
import { columnBytes, rowBytes } from '../load/bytes.ts'
import { quoteName } from '../types/duck.ts'
import type { Field, TableSize } from '../warehouse.ts'

/** Whatever writes into a table gives it a new entry, so what is counted holds as long as the entry does. */
const sizes = new WeakMap<TableEntry, TableSize>()
const columnSizes = new WeakMap<TableEntry, Map<string, number>>()

/** Rows, logical bytes and partitions of a table. */
export async function sizeOf(database: Database, entry: TableEntry): Promise<TableSize> {
  if (entry.kind === 'VIEW') return { numRows: 0, numBytes: 0 }
  const known = sizes.get(entry)
  if (known !== undefined) return known
  const id = partitionId(entry)
  const partitions = id === null ? 'NULL' : `count(DISTINCT ${id})`
  const sql = `SELECT count(*), ${rowBytes(entry.schema)}, ${partitions} FROM ${entry.physical}`
  const result = await database.withConnection((connection) => execute(connection, sql))
  const [numRows, numBytes, numPartitions] = result.getChunk(0).getRows()[0]!
  const size: TableSize = {
    numRows: Number(numRows),
    numBytes: Number(numBytes),
    ...(numPartitions === null ? {} : { numPartitions: Number(numPartitions) }),
  }
  sizes.set(entry, size)
  return size
}

/** What a statement reads, in logical bytes. */
export interface BytesRead {
  readonly processed: number
  /** https://cloud.google.com/bigquery/pricing#query_pricing: whole megabytes, at least 10 for every table. */
  readonly billed: number
}

const MB = 1024 * 1024

/**
 * Logical bytes of the columns of these tables that the SQL names, all of them where it has a `*`: what the service
 * would read of them at most. Partitions that a filter leaves out count too. Of a table that the statement updates,
 * deletes from or merges into every column counts.
 * https://cloud.google.com/bigquery/docs/estimate-costs#dml
 */
export async function bytesRead(
  connection: DuckDBConnection,
  tables: readonly TableEntry[],
  sql: string,
  options: {
    readonly changed?: TableEntry
    /** Whether the connection's transaction has written, so that what it counts is nobody else's. */
    readonly dirty?: boolean
  } = {},
): Promise<BytesRead> {
  const { changed, dirty = false } = options
  const entries = [...new Set([...tables, ...(changed === undefined ? [] : [changed])])]
  const text = [sql, ...entries.map((entry) => entry.viewQuery ?? '')]
    .join('\n')
    .replaceAll(/count\s*\(\s*\*\s*\)/gi, '')
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu))
  const whole = text.includes('*')
  let processed = 0
  let read = 0
  for (const entry of entries) {
    if (entry.kind === 'VIEW') continue
    read++
    const named = entry.schema.filter(
      (field) => entry === changed || whole || words.has(field.name.toLowerCase()),
    )
    processed += await columnsSize(connection, entry, named, dirty)
  }
  return { processed, billed: read === 0 ? 0 : Math.max(Math.ceil(processed / MB), 10 * read) * MB }
}

/** The sum of the columns' sizes; each is counted once. */
async function columnsSize(
  connection: DuckDBConnection,
  entry: TableEntry,
  fields: readonly Field[],
  dirty: boolean,
): Promise<number> {
  const known = dirty ? new Map<string, number>() : (columnSizes.get(entry) ?? new Map<string, number>())
  const missing = fields.filter(({ name }) => !known.has(name))
  if (missing.length > 0) {
    const columns = missing.map(
      (field) => `CAST(${columnBytes(field)} AS DOUBLE) AS ${quoteName(field.name)}`,
    )
    const result = await execute(connection, `SELECT ${columns.join(', ')} FROM ${entry.physical}`)
    const row = result.getChunk(0).getRows()[0]!
    missing.forEach(({ name }, i) => known.set(name, Number(row[i])))
    if (!dirty) columnSizes.set(entry, known)
  }
  return fields.reduce((sum, { name }) => sum + known.get(name)!, 0)
}
