import { isMap } from './map.ts'

/** A row of a query with values as JSON knows them. */
export type PlainRow = Readonly<Record<string, unknown>>

/** The client wraps dates, timestamps and exact numbers; readers want plain ones. */
export function plainRow(row: PlainRow): PlainRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  if (Buffer.isBuffer(value)) return value.toString('base64')
  // NUMERIC arrives as a Big, dates and timestamps with their text as `value`.
  if ('toNumber' in value && typeof value.toNumber === 'function') return Number(value)
  if ('value' in value && typeof value.value === 'string' && Object.keys(value).length === 1)
    return value.value
  return isMap(value) ? plainRow(value) : value
}
