import type { Cell, Field } from '../../warehouse/warehouse.ts'

/** How a client wants TIMESTAMP: microseconds, seconds with a fraction, or ISO 8601. */
export type TimestampFormat = 'INT64' | 'FLOAT64' | 'ISO8601_STRING'

export type WireRow = { readonly f: readonly { readonly v: unknown }[] }

/** Rows as the API has them: `{"f": [{"v": …}]}`, every scalar as text. */
export function toWireRow(
  cells: readonly Cell[],
  schema: readonly Field[],
  format: TimestampFormat,
): WireRow {
  return { f: schema.map((field, index) => ({ v: toWireValue(cells[index] ?? null, field, format) })) }
}

function toWireValue(cell: Cell, field: Field, format: TimestampFormat): unknown {
  if (field.mode === 'REPEATED') {
    // An array is never NULL in a result; it is empty.
    const items = Array.isArray(cell) ? (cell as readonly Cell[]) : []
    const item: Field = { ...field, mode: 'NULLABLE' }
    return items.map((value) => ({ v: toWireValue(value, item, format) }))
  }
  if (cell === null) return null
  if (field.type === 'STRUCT') return toWireRow(cell as readonly Cell[], field.fields ?? [], format)
  if (typeof cell === 'bigint') return formatTimestamp(cell, format)
  return cell
}

function formatTimestamp(micros: bigint, format: TimestampFormat): string {
  if (format === 'INT64') return String(micros)
  if (format === 'ISO8601_STRING') {
    const fraction = modulo(micros, 1_000_000n)
    const second = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19)
    return fraction === 0n ? `${second}Z` : `${second}.${String(fraction).padStart(6, '0')}Z`
  }
  return formatSeconds(micros)
}

/** Seconds in the scientific notation that the service uses, exact to the microsecond: `1.704164645E9`. */
function formatSeconds(micros: bigint): string {
  const negative = micros < 0n
  const digits = String(negative ? -micros : micros).padStart(7, '0')
  const whole = digits.slice(0, -6)
  const sign = negative ? '-' : ''
  if (whole.length < 8) return `${sign}${whole}.${digits.slice(-6).replace(/0+$/, '') || '0'}`
  const fraction = digits.slice(1).replace(/0+$/, '') || '0'
  return `${sign}${digits[0]}.${fraction}E${whole.length - 1}`
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by
}
