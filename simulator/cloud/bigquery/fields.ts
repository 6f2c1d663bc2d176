import { z } from 'zod'
import type { ColumnType, Field } from '../../warehouse/warehouse.ts'
import { int64, parseValue } from './body.ts'
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
  INTERVAL: 'INTERVAL',
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
  precision: int64.nullish(),
  scale: int64.nullish(),
  maxLength: int64.nullish(),
  defaultValueExpression: z.string().nullish(),
  /** How more digits than the scale are rounded; the other way is unsupported. */
  roundingMode: z.enum(['ROUNDING_MODE_UNSPECIFIED', 'ROUND_HALF_AWAY_FROM_ZERO']).nullish(),
})

export const wireSchema = z.strictObject({ fields: z.array(z.unknown()).optional() })

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema */
function toWireField(field: Field): Readonly<Record<string, unknown>> {
  return {
    name: field.name,
    type: wireNames[field.type] ?? field.type,
    mode: field.mode,
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.precision === undefined ? {} : { precision: String(field.precision) }),
    ...(field.scale === undefined ? {} : { scale: String(field.scale) }),
    ...(field.maxLength === undefined ? {} : { maxLength: String(field.maxLength) }),
    ...(field.defaultValue === undefined ? {} : { defaultValueExpression: field.defaultValue }),
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
  const parsed = parseValue(wireField, value, at)
  const { name, type, mode, description, fields, defaultValueExpression } = parsed
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
    ...sizeOf(parsed, column),
    ...(defaultValueExpression == null ? {} : { defaultValue: defaultValueExpression }),
    ...(column === 'STRUCT'
      ? { fields: (fields ?? []).map((nested, index) => fromWireField(nested, `${at}.fields[${index}]`)) }
      : {}),
  }
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#parameterized_data_types */
function sizeOf(
  field: z.output<typeof wireField>,
  type: ColumnType,
): Pick<Field, 'precision' | 'scale' | 'maxLength'> {
  const { name, precision, scale, maxLength } = field
  const refuse = (what: string) => invalid(`Invalid ${what} for field ${name} of type ${type}`)
  if (maxLength != null && (maxLength < 1 || (type !== 'STRING' && type !== 'BYTES')))
    throw refuse('maxLength')
  const most = { NUMERIC: [29, 9], BIGNUMERIC: [38, 38] }[type as string]
  if (precision == null && scale != null) throw refuse('scale without a precision')
  if (precision != null) {
    const [whole, digits] = most ?? [0, 0]
    const after = scale ?? 0
    if (after < 0 || after > digits! || precision < Math.max(1, after) || precision > whole! + after)
      throw refuse(`precision ${precision} and scale ${after}`)
  }
  return {
    ...(precision == null ? {} : { precision }),
    ...(scale == null ? {} : { scale }),
    ...(maxLength == null ? {} : { maxLength }),
  }
}
