import type { TableEntry } from '../catalog/entry.ts'
import { invalidRequest } from './missing.ts'

/** Refuses a table whose columns do not carry how it is partitioned and clustered. */
export function checkPartitioning(entry: TableEntry): void {
  const { partitioning, rangePartitioning: range } = entry
  for (const name of entry.clustering ?? [])
    if (!entry.schema.some((field) => field.name.toLowerCase() === name.toLowerCase()))
      throw invalidRequest(`The field specified for clustering cannot be found in the schema: ${name}`)
  if (range) {
    if (partitioning) throw invalidRequest('A table cannot have both timePartitioning and rangePartitioning')
    const column = entry.schema.find((field) => field.name.toLowerCase() === range.field.toLowerCase())
    if (column?.type !== 'INT64' || column.mode === 'REPEATED')
      throw invalidRequest(`The field specified for range partitioning must be an INTEGER: ${range.field}`)
    if (range.interval <= 0 || range.end <= range.start)
      throw invalidRequest('A range of partitions needs start < end and a positive interval')
  }
  if (!partitioning?.field) return
  const field = entry.schema.find((item) => item.name.toLowerCase() === partitioning.field!.toLowerCase())
  if (!field)
    throw invalidRequest(
      `The field specified for partitioning cannot be found in the schema: ${partitioning.field}`,
    )
  if (!['DATE', 'TIMESTAMP', 'DATETIME'].includes(field.type) || field.mode === 'REPEATED')
    throw invalidRequest(
      `The field specified for partitioning must be DATE, DATETIME or TIMESTAMP: ${partitioning.field}`,
    )
  if (field.type === 'DATE' && partitioning.type === 'HOUR')
    throw invalidRequest('A DATE column cannot be partitioned by hour')
}
