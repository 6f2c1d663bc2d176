import { z } from 'zod'
import type { ColumnType, Field } from '../../warehouse/warehouse.ts'
import { parseValue } from './body.ts'
import { invalid } from './problem.ts'

/** The API answers with the names of legacy SQL and takes both. */
const wireNames: Readonly<Partial<Record<ColumnType, string>>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
}

const columnTypes: Readonly<Record<string, ColumnType>> = {
  STRING: 'STRING',
  INT64: 'INT64',
  INTEGER: 'INT64',
  FLOAT64: 'FLOAT64',
  FLOAT: 'FLOAT64',
  NUMERIC: 'NUMERIC',
  BIGNUMERIC: 'BIGNUMERIC',
  BOOL: 'BOOL',
  BOOLEAN: 'BOOL',
  DATE: 'DATE',
  DATETIME: 'DATETIME',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMP',
  BYTES: 'BYTES',
  JSON: 'JSON',
  STRUCT: 'STRUCT',
  RECORD: 'STRUCT',
}

const wireField = z.strictObject({
  name: z.string(),
  type: z.string(),
  mode: z.string().nullish(),
  description: z.string().nullish(),
  fields: z.array(z.unknown()).nullish(),
})

export const wireSchema = z.strictObject({ fields: z.array(z.unknown()).optional() })

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema */
function toWireField(field: Field): Readonly<Record<string, unknown>> {
  return {
    name: field.name,
    type: wireNames[field.type] ?? field.type,
    mode: field.mode,
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.fields === undefined ? {} : { fields: field.fields.map(toWireField) }),
  }
}

export function toWireSchema(schema: readonly Field[]): Readonly<Record<string, unknown>> {
  return { fields: schema.map(toWireField) }
}

export function fromWireSchema(schema: z.output<typeof wireSchema>, at = 'schema'): readonly Field[] {
  return (schema.fields ?? []).map((field, index) => fromWireField(field, `${at}.fields[${index}]`))
}

function fromWireField(value: unknown, at: string): Field {
  const { name, type, mode, description, fields } = parseValue(wireField, value, at)
  const column = columnTypes[type.toUpperCase()]
  if (column === undefined) throw invalid(`Invalid value for type at ${at}: ${type} is not a valid value`)
  const upper = (mode ?? 'NULLABLE').toUpperCase()
  if (upper !== 'NULLABLE' && upper !== 'REQUIRED' && upper !== 'REPEATED')
    throw invalid(`Invalid value for mode at ${at}: ${mode} is not a valid value`)
  if (column === 'STRUCT' && (fields ?? []).length === 0)
    throw invalid(`Field ${name} is type RECORD but has no schema`)
  return {
    name,
    type: column,
    mode: upper,
    ...(description == null ? {} : { description }),
    ...(column === 'STRUCT'
      ? { fields: (fields ?? []).map((nested, index) => fromWireField(nested, `${at}.fields[${index}]`)) }
      : {}),
  }
}
