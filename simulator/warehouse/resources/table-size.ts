import { partitionId } from '../catalog/information-schema/partitions.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { type Database, execute, scalar } from '../engine/database.ts'
import { columnBytes, rowBytes } from '../load/bytes.ts'
import type { TableName, TableSize } from '../warehouse.ts'

interface Known {
  readonly turn: number
  readonly size: TableSize
}

const known = new WeakMap<Database, Map<string, Known>>()

/** Rows, logical bytes and partitions of a table, counted again once something has been written. */
export async function sizeOf(database: Database, entry: TableEntry): Promise<TableSize> {
  if (entry.kind === 'VIEW') return { numRows: 0, numBytes: 0 }
  const { writers } = database
  const turn = writers.turns
  const sizes = known.get(database) ?? new Map<string, Known>()
  known.set(database, sizes)
  const before = sizes.get(entry.physical)
  if (before?.turn === turn) return before.size
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
  // Odd: somebody is writing, and what is counted may be of before.
  if (turn % 2 === 0 && writers.turns === turn) sizes.set(entry.physical, { turn, size })
  return size
}

/** See `Warehouse.bytesRead`. */
export async function bytesRead(
  database: Database,
  tables: readonly TableName[],
  sql: string,
): Promise<number> {
  const entries = tables.flatMap((name) => database.catalog.table(name) ?? [])
  const text = [sql, ...entries.map((entry) => entry.viewQuery ?? '')]
    .join('\n')
    .replaceAll(/count\s*\(\s*\*\s*\)/gi, '')
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu))
  let bytes = 0
  for (const entry of entries) {
    if (entry.kind === 'VIEW') continue
    const read = entry.schema.filter((field) => text.includes('*') || words.has(field.name.toLowerCase()))
    if (read.length === 0) continue
    const sum = `SELECT ${read.map(columnBytes).join(' + ')} FROM ${entry.physical}`
    bytes += Number(await database.withConnection((connection) => scalar(connection, sum)))
  }
  return bytes
}
