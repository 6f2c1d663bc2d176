import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { intervalText } from '../types/interval.ts'
import { jsonNumberText } from '../types/json.ts'
import { decimalText } from '../types/numeric.ts'
import { dateText, datetimeText, timeText } from '../types/temporal.ts'
import type { Type } from '../types/type.ts'
import { type Cell, WarehouseError } from '../warehouse.ts'

/** A DuckDB value as the wire's cell of a BigQuery type. */
export function toCell(value: DuckDBValue, type: Type): Cell {
  if (type.kind === 'array') return listCell(value, type.element)
  if (value === null) return null
  if (type.kind === 'struct') {
    if (!(value instanceof DuckDBStructValue)) throw mismatch(value, 'STRUCT')
    const entries = Object.values(value.entries)
    return type.fields.map((field, i) => toCell(entries[i] ?? null, field.type))
  }
  switch (type.name) {
    case 'STRING':
    case 'JSON':
    case 'BIGNUMERIC':
    case 'INT64':
    case 'BOOL':
      return String(value)
    case 'FLOAT64':
      return jsonNumberText(Number(value))
    case 'NUMERIC':
      return value instanceof DuckDBDecimalValue ? decimalText(value.value, value.scale) : String(value)
    case 'DATE':
      return value instanceof DuckDBDateValue ? dateText(value.days) : mismatchFor(value, type.name)
    case 'DATETIME':
      return value instanceof DuckDBTimestampValue
        ? datetimeText(value.micros)
        : mismatchFor(value, type.name)
    case 'TIME':
      return value instanceof DuckDBTimeValue ? timeText(value.micros) : mismatchFor(value, type.name)
    case 'TIMESTAMP':
      return value instanceof DuckDBTimestampTZValue ? value.micros : mismatchFor(value, type.name)
    case 'INTERVAL':
      return value instanceof DuckDBIntervalValue ? intervalText(value) : mismatchFor(value, type.name)
    case 'BYTES':
      return value instanceof DuckDBBlobValue
        ? Buffer.from(value.bytes).toString('base64')
        : mismatchFor(value, type.name)
  }
}

/** NULL arrays come out empty; NULL elements cannot come out at all. */
function listCell(value: DuckDBValue, element: Type): Cell {
  if (value === null) return []
  if (!(value instanceof DuckDBListValue)) throw mismatch(value, 'ARRAY')
  return value.items.map((item) => {
    if (item === null)
      throw new WarehouseError({
        reason: 'invalidQuery',
        location: 'query',
        message: 'Array cannot have a null element; error in writing field',
      })
    return toCell(item, element)
  })
}

function mismatchFor(value: DuckDBValue, type: string): never {
  throw mismatch(value, type)
}

function mismatch(value: DuckDBValue, type: string): WarehouseError {
  return new WarehouseError({
    reason: 'internalError',
    message: `A ${type} came back as ${Object.prototype.toString.call(value)}`,
  })
}
