import { quoteName } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'
import type { Type } from '../types/type.ts'
import type { Field } from '../warehouse.ts'

const fixed: Readonly<Record<string, number>> = {
  INT64: 8,
  FLOAT64: 8,
  NUMERIC: 16,
  BIGNUMERIC: 32,
  BOOL: 1,
  DATE: 8,
  DATETIME: 8,
  TIME: 8,
  TIMESTAMP: 8,
  INTERVAL: 16,
}

/**
 * SQL of the logical bytes of all rows of a table: what the service calls its size.
 * https://cloud.google.com/bigquery/docs/best-practices-costs#estimate-query-costs
 */
export function rowBytes(schema: readonly Field[]): string {
  const columns = schema.map((field) => columnBytes(field))
  return columns.length === 0 ? '0' : `CAST(${columns.join(' + ')} AS BIGINT)`
}

/** SQL of the bytes of one column of all rows. */
export function columnBytes(field: Field): string {
  const type = typeOfField(field)
  const name = quoteName(field.name)
  if (type.kind === 'scalar') {
    const size = fixed[type.name]
    if (size !== undefined) return `${size} * count(${name})`
  }
  return `coalesce(sum(${valueBytes(name, type, 0)}), 0)`
}

/** NULLs take nothing; a string or a list of bytes takes its length and 2. */
function valueBytes(sql: string, type: Type, depth: number): string {
  if (type.kind === 'array') {
    const item = `i${depth}`
    return `coalesce(list_sum(list_transform(${sql}, lambda ${item}: ${valueBytes(item, type.element, depth + 1)})), 0)`
  }
  if (type.kind === 'struct') {
    const parts = type.fields.map((field) =>
      valueBytes(`${sql}.${quoteName(field.name ?? '')}`, field.type, depth),
    )
    return parts.length === 0 ? '0' : `(${parts.join(' + ')})`
  }
  const size = fixed[type.name]
  if (size !== undefined) return `CASE WHEN ${sql} IS NULL THEN 0 ELSE ${size} END`
  return `coalesce(2 + ${type.name === 'BYTES' ? 'octet_length' : 'strlen'}(${sql}), 0)`
}
