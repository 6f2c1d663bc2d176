import { WarehouseError } from '../warehouse.ts'

const kinds =
  /^(Invalid Input|Out of Range|Conversion|Constraint|Binder|Parser|Catalog|INTERNAL|Internal|TransactionContext|Not implemented|Mismatch Type|Out of Memory|IO|INTERRUPT|Interrupt|Invalid|Syntax|Dependency|Serialization|Fatal|FATAL) Error: ([\s\S]*)$/

/** RE2's complaints about a pattern. */
const regexpError =
  /^(invalid escape sequence|invalid character class( range)?|missing [\])]|unexpected \)|trailing \\|no argument for repetition operator|invalid repetition size|bad repetition operator|invalid perl operator|invalid named capture group)(: |$)/

/** What DuckDB raised, in BigQuery's words where it has some. */
export function translateError(error: unknown): WarehouseError {
  if (error instanceof WarehouseError) return error
  const text = error instanceof Error ? error.message : String(error)
  const [, kind, rest = text] = kinds.exec(text) ?? []
  const message = rest.split('\n\nLINE ')[0]!.split('\nLINE ')[0]!.trim()
  if (/^(interrupt|INTERRUPT)/i.test(kind ?? '') || /interrupted/i.test(message))
    return new WarehouseError({
      reason: 'stopped',
      message: 'Job execution was cancelled: User requested cancellation',
    })
  const required = /NOT NULL constraint failed: [^.]+\.(.+)$/.exec(message)
  if (required) return query(`Required field ${required[1]} cannot be null`)
  if (/More than one row returned by a subquery/.test(message))
    return query('Scalar subquery produced more than one element')
  if (/INT128.* out of range for the destination type INT64/.test(message)) return query('int64 overflow')
  if (
    /DECIMAL\(38, ?9\)|Overflow in .* of DECIMAL|Overflow in HUGEINT/.test(message) &&
    /out of range|overflow/i.test(message)
  )
    return query('numeric overflow')
  const overflow = /^Overflow in \w+ of INT(?:64|128) \((.*)\)/.exec(message)
  if (overflow) return query(`int64 overflow: ${overflow[1]}`)
  if (regexpError.test(message)) return query(`Cannot parse regular expression: ${message}`)
  if (kind === 'Out of Memory')
    return new WarehouseError({
      reason: 'resourcesExceeded',
      message: `Resources exceeded during query execution: ${message}`,
    })
  if (kind && /^(Binder|Parser|Catalog|INTERNAL|Internal|Not implemented|Syntax|Mismatch Type)$/.test(kind))
    return query(`Unsupported in the local warehouse: the statement cannot be run (${kind}: ${message})`)
  return query(message)
}

function query(message: string): WarehouseError {
  return new WarehouseError({ reason: 'invalidQuery', location: 'query', message })
}
