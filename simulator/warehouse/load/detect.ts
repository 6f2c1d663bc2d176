import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredField } from '../catalog/entry.ts'
import { execute } from '../engine/database.ts'
import { invalidRequest } from '../resources/missing.ts'
import { quoteText } from '../types/duck.ts'
import type { ColumnType, LoadRequest } from '../warehouse.ts'

/** Columns of a file: those that Parquet declares, or what its JSON rows look like. */
export async function detectSchema(
  connection: DuckDBConnection,
  request: LoadRequest,
): Promise<readonly StoredField[]> {
  const [file] = request.files
  if (!file) throw invalidRequest('A load job without files has no schema to detect')
  const path = quoteText(file.path)
  const compression = `compression = '${file.gzip ? 'gzip' : 'uncompressed'}'`
  if (request.format === 'PARQUET') {
    const fields = fieldsOfDescription(await describe(connection, `read_parquet(${path})`))
    return request.parquet?.enableListInference === true ? fields : fields.map(asGroups)
  }
  if (request.format === 'NEWLINE_DELIMITED_JSON')
    return fieldsOfDescription(
      await describe(
        connection,
        `read_json(${path}, format = 'newline_delimited', ${compression}, map_inference_threshold = -1)`,
      ),
    )
  throw invalidRequest(`The schema of ${request.format} files is detected from their rows`)
}

/** Names and DuckDB types of a relation. */
export async function describe(
  connection: DuckDBConnection,
  source: string,
): Promise<(readonly [string, string])[]> {
  const result = await execute(connection, `DESCRIBE SELECT * FROM ${source}`)
  const rows: (readonly [string, string])[] = []
  for (let i = 0; i < result.chunkCount; i++)
    for (const [name, type] of result.getChunk(i).getRows()) rows.push([String(name), String(type)])
  return rows
}

export function fieldsOfDescription(columns: readonly (readonly [string, string])[]): StoredField[] {
  return columns.map(([name, type]) => fieldOf(name, type))
}

function fieldOf(name: string, type: string): StoredField {
  if (type.endsWith('[]')) {
    const element = type.slice(0, -2)
    if (element.endsWith('[]')) throw invalidRequest(`Field ${name} is an array of arrays`)
    return { ...fieldOf(name, element), mode: 'REPEATED' }
  }
  const struct = /^STRUCT\((.*)\)$/s.exec(type)
  if (struct)
    return {
      name,
      type: 'STRUCT',
      mode: 'NULLABLE',
      fields: split(struct[1]!).map((part) => structField(part)),
    }
  return { name, type: kind(type), mode: 'NULLABLE' }
}

function kind(type: string): ColumnType {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER)$/.test(type)) return 'INT64'
  if (type === 'DOUBLE' || type === 'FLOAT') return 'FLOAT64'
  if (type === 'BOOLEAN') return 'BOOL'
  if (type === 'DATE' || type === 'TIME') return type
  if (type.startsWith('TIMESTAMP')) return 'TIMESTAMP'
  if (type.startsWith('DECIMAL')) return 'NUMERIC'
  if (type === 'BLOB') return 'BYTES'
  return type === 'JSON' || type.startsWith('MAP') ? 'JSON' : 'STRING'
}

/** The fields of STRUCT(a BIGINT, "b c" VARCHAR[]) as texts. */
function split(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (const [i, char] of Array.from(text).entries()) {
    if (char === '"') quoted = !quoted
    if (quoted) continue
    if (char === '(') depth++
    if (char === ')') depth--
    if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return [...parts, text.slice(start).trim()]
}

function structField(text: string): StoredField {
  const match = /^(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(text)
  if (!match) throw invalidRequest(`Cannot detect the type of field ${text}`)
  return fieldOf(match[1]?.replaceAll('""', '"') ?? match[2]!, match[3]!)
}

/**
 * A list as the groups that the file keeps it in, which is how the service reads it unless told otherwise.
 * https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#list_logical_type
 */
function asGroups(field: StoredField): StoredField {
  if (field.mode !== 'REPEATED') return field
  const element: StoredField = { ...field, name: 'element', mode: 'NULLABLE' }
  const list: StoredField = { name: 'list', type: 'STRUCT', mode: 'REPEATED', fields: [element] }
  return { name: field.name, type: 'STRUCT', mode: 'NULLABLE', fields: [list] }
}

/** The element of a field that `asGroups` made. */
export function elementOf(field: StoredField): StoredField | undefined {
  const [list, ...others] = field.fields ?? []
  if (field.type !== 'STRUCT' || others.length > 0 || list?.name !== 'list' || list.mode !== 'REPEATED')
    return undefined
  return list.fields?.length === 1 && list.fields[0]!.name === 'element' ? list.fields[0] : undefined
}
