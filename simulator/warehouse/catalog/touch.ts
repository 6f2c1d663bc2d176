import type { TableName } from '../warehouse.ts'
import type { Catalog, Change } from './catalog.ts'

/**
 * Says that rows of a table have changed: at this time, or without one (rows that expired) at no time that anybody is
 * told. Either way the table has a new entry. Temporary tables are none of the catalogue's.
 */
export function touch(changes: Change[], catalog: Catalog, name: TableName, now?: number): void {
  const pending = changes.findLast(
    (change) =>
      change.kind === 'putTable' &&
      change.entry.dataset === name.dataset &&
      change.entry.table === name.table,
  )
  const entry = pending?.kind === 'putTable' ? pending.entry : catalog.table(name)
  if (name.dataset === '' || entry === undefined) return
  changes.push({ kind: 'putTable', entry: { ...entry, ...(now === undefined ? {} : { modifiedAt: now }) } })
}
