/** A field of the API's schema. */
export interface ResultField {
  readonly name: string
  readonly type: string
  readonly mode?: string
  readonly fields?: readonly ResultField[]
}

export interface WireRow {
  readonly f: readonly { readonly v?: unknown }[]
}

/**
 * A value of the wire as JSON knows it: numbers where they are exact, text where they would not be (large INT64,
 * NUMERIC with many digits, NaN), times in ISO 8601, BYTES in base64, STRUCT as an object, JSON as what it holds.
 */
export function readValue(value: unknown, field: ResultField): unknown {
  if (field.mode === 'REPEATED') {
    const items = Array.isArray(value) ? (value as { v?: unknown }[]) : []
    return items.map((item) => readValue(item.v, { ...field, mode: 'NULLABLE' }))
  }
  if (value === null || value === undefined) return null
  if (field.type === 'RECORD' || field.type === 'STRUCT') {
    const cells = (value as WireRow).f
    return Object.fromEntries(
      (field.fields ?? []).map((inner, i) => [inner.name, readValue(cells[i]?.v, inner)]),
    )
  }
  if (typeof value !== 'string') return value
  switch (field.type) {
    case 'INTEGER':
    case 'INT64':
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return String(Number(value)) === value ? Number(value) : value
    case 'FLOAT':
    case 'FLOAT64':
      return Number.isFinite(Number(value)) ? Number(value) : value
    case 'BOOLEAN':
    case 'BOOL':
      return value === 'true'
    case 'TIMESTAMP':
      return instant(BigInt(value))
    case 'JSON':
      return JSON.parse(value) as unknown
    default:
      return value
  }
}

/** Microseconds as ISO 8601 with as many digits as it takes. */
function instant(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const second = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19)
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '')
  return `${second}${digits === '' ? '' : `.${digits}`}Z`
}

/** Whether a column's values are numbers, which stand to the right. */
export function isNumeric({ type, mode }: ResultField): boolean {
  return (
    mode !== 'REPEATED' && ['INTEGER', 'INT64', 'FLOAT', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC'].includes(type)
  )
}
