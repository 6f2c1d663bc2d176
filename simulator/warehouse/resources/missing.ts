import type { Database } from '../engine/database.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { type DatasetMetadata, type TableName, WarehouseError } from '../warehouse.ts'

export function requireDataset(database: Database, project: string, name: string): DatasetMetadata {
  const dataset = database.catalog.dataset(name)
  if (!dataset)
    throw new WarehouseError({ reason: 'notFound', message: `Not found: Dataset ${project}:${name}` })
  return dataset
}

export function requireTable(database: Database, project: string, name: TableName): TableEntry {
  requireDataset(database, project, name.dataset)
  const entry = database.catalog.table(name)
  if (!entry) throw notFoundTable(project, name)
  return entry
}

export function notFoundTable(project: string, { dataset, table }: TableName): WarehouseError {
  return new WarehouseError({
    reason: 'notFound',
    message: `Not found: Table ${project}:${dataset}.${table}`,
  })
}

export function duplicate(what: string): WarehouseError {
  return new WarehouseError({ reason: 'duplicate', message: `Already Exists: ${what}` })
}

export function invalidRequest(message: string): WarehouseError {
  return new WarehouseError({ reason: 'invalid', message })
}

/** A copy with a patch's fields: absent stays, null clears. */
export function patched<T extends object>(value: T, patch: object, keys: readonly string[]): T {
  const out: Record<string, unknown> = { ...(value as Record<string, unknown>) }
  for (const key of keys) {
    const change = (patch as Record<string, unknown>)[key]
    if (change === null) delete out[key]
    else if (change !== undefined) out[key] = change
  }
  return out as T
}
