import type { StoredField } from '../catalog/entry.ts'
import { invalidRequest } from '../resources/missing.ts'
import { duckType, quoteName, quoteText } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'
import { describe, elementOf, fieldsOfDescription } from './detect.ts'
import type { FormatReader } from './load.ts'

/** Columns by name; a type must be what the file has, or what BigQuery widens it to. */
export const parquetReader: FormatReader = {
  async fast(connection, request, schema) {
    const source = `read_parquet([${request.files.map((file) => quoteText(file.path)).join(', ')}])`
    const columns = await describe(connection, source)
    const own = fieldsOfDescription(columns)
    const values = schema.map((field, i) => `${column(field, own, columns)} AS c${i}`)
    return `(SELECT ${values.join(', ')} FROM ${source})`
  },
}

function column(
  field: StoredField,
  own: readonly StoredField[],
  columns: readonly (readonly [string, string])[],
): string {
  const i = own.findIndex((item) => item.name.toLowerCase() === field.name.toLowerCase())
  const type = duckType(typeOfField(field))
  if (i < 0) {
    if (field.mode === 'REQUIRED')
      throw invalidRequest(`Required field ${field.name} is missing in the Parquet file`)
    return `CAST(NULL AS ${type})`
  }
  const given = own[i]!
  const element = given.mode === 'REPEATED' ? elementOf(field) : undefined
  if (element?.type === given.type) {
    const groups = `list_transform(${quoteName(columns[i]![0])}, lambda e: struct_pack(element := e))`
    return `CAST(struct_pack(list := ${groups}) AS ${type})`
  }
  const widened =
    given.type === field.type ||
    (given.type === 'INT64' && ['NUMERIC', 'FLOAT64'].includes(field.type)) ||
    (given.type === 'STRING' && ['JSON', 'BYTES'].includes(field.type)) ||
    (given.type === 'TIMESTAMP' && field.type === 'DATETIME')
  if (!widened || (given.mode === 'REPEATED') !== (field.mode === 'REPEATED'))
    throw invalidRequest(
      `Parquet column '${given.name}' has type ${given.type} which does not match the target type ${field.type}`,
    )
  const name = quoteName(columns[i]![0])
  return field.type === 'JSON' && given.type === 'STRING'
    ? `bq_parse_json(${name}, 'round')`
    : `CAST(${name} AS ${type})`
}
