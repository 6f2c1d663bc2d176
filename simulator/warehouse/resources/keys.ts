import type { Catalog } from '../catalog/catalog.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { invalidRequest, notFoundTable } from './missing.ts'

/**
 * Refuses keys over columns that are not there, and foreign ones to what is no primary key.
 * https://cloud.google.com/bigquery/docs/primary-foreign-keys
 */
export function checkKeys(catalog: Catalog, project: string, entry: TableEntry): void {
  const { primaryKey = [], foreignKeys = [] } = entry
  checkColumns(primaryKey, entry)
  if (primaryKey.length > 16) throw invalidRequest('A primary key can have at most 16 columns')
  const names = new Set<string>()
  for (const { name, columns, table, referenced } of foreignKeys) {
    if (names.has(name)) throw invalidRequest(`Duplicate constraint name ${name}`)
    names.add(name)
    checkColumns(columns, entry)
    const own = table.dataset === entry.dataset && table.table === entry.table
    const other = own ? entry : catalog.table(table)
    if (other === undefined) throw notFoundTable(project, table)
    if (lower(other.primaryKey ?? []) !== lower(referenced) || columns.length !== referenced.length)
      throw invalidRequest('A foreign key must reference the primary key of its table')
  }
}

function checkColumns(names: readonly string[], { schema }: TableEntry): void {
  for (const name of names)
    if (!schema.some((field) => field.name.toLowerCase() === name.toLowerCase()))
      throw invalidRequest(`Column ${name} of the key is not in the table`)
}

function lower(names: readonly string[]): string {
  return names.join().toLowerCase()
}
