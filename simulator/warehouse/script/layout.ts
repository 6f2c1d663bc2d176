import { INGESTION_COLUMN } from '../analyze/table.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { columnSql } from '../engine/store.ts'
import { quoteName } from '../types/duck.ts'

export function ingests(entry: TableEntry): boolean {
  return entry.partitioning !== undefined && entry.partitioning.field === undefined
}

export function physicalColumns(entry: TableEntry): string[] {
  const columns = entry.schema.map((field) => `${quoteName(field.name)} ${columnSql(field)}`)
  if (ingests(entry)) columns.push(`${quoteName(INGESTION_COLUMN)} TIMESTAMPTZ`)
  return columns
}
