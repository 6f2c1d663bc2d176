import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { type Database, execute } from '../engine/database.ts'
import { decorated, dropExpiredTables, expire } from '../engine/partitions.ts'
import { rowsOf } from '../engine/rows.ts'
import { invalidRequest, requireTable } from '../resources/missing.ts'
import { quoteName, quoteText } from '../types/duck.ts'
import { datetimeText } from '../types/temporal.ts'
import { typeOfField } from '../types/type.ts'
import type { Cell, ExtractRequest, Field } from '../warehouse.ts'

/** An extract job: one table into one file. https://cloud.google.com/bigquery/docs/exporting-data */
export async function extractTable(
  database: Database,
  project: string,
  request: ExtractRequest,
): Promise<{ readonly rows: number }> {
  await dropExpiredTables(database, request.now)
  await expire(database, request.now, [request.source])
  const entry = requireTable(database, project, request.source)
  if (entry.kind === 'VIEW') throw invalidRequest('Views cannot be exported')
  const columns = entry.schema.map((field) => quoteName(field.name)).join(', ')
  const { share } = request
  const conditions = [
    ...(request.partition === undefined ? [] : [`(${decorated(entry, request.partition).condition})`]),
    ...(share === undefined ? [] : [`rowid % ${share.of} = ${share.index}`]),
  ]
  const part = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  if (request.format === 'PARQUET') {
    const compression = request.gzip ? 'gzip' : (request.compression ?? 'uncompressed')
    const result = await database.withConnection((connection) =>
      execute(
        connection,
        `COPY (SELECT ${columns} FROM ${entry.physical}${part}) TO ${quoteText(request.file)} (FORMAT parquet, COMPRESSION ${compression})`,
      ),
    )
    return { rows: result.rowsChanged }
  }
  if (
    request.format === 'CSV' &&
    entry.schema.some((field) => field.mode === 'REPEATED' || field.type === 'STRUCT')
  )
    throw invalidRequest(
      'Operation cannot be performed on a nested schema. Field: ' +
        entry.schema.find((field) => field.mode === 'REPEATED' || field.type === 'STRUCT')!.name,
    )
  const result = await database.withConnection((connection) =>
    execute(connection, `SELECT ${columns} FROM ${entry.physical}${part}`),
  )
  const rows = rowsOf(result, entry.schema.map(typeOfField))
  async function* lines(): AsyncGenerator<string> {
    if (request.format === 'CSV' && request.printHeader)
      yield `${entry.schema.map((field) => csvText(field.name, request.fieldDelimiter)).join(request.fieldDelimiter)}\n`
    for (let start = 0; start < rows.count; start += 2048)
      for (const row of await rows.read(start, 2048))
        yield request.format === 'CSV' ? csvLine(row, request.fieldDelimiter) : jsonLine(row, entry.schema)
  }
  const source = Readable.from(lines())
  const target = createWriteStream(request.file)
  await (request.gzip ? pipeline(source, createGzip(), target) : pipeline(source, target))
  return { rows: rows.count }
}

/** A scalar's text: timestamps as `2024-01-31 10:00:00 UTC`. */
function text(cell: Exclude<Cell, null | readonly Cell[]>): string {
  return typeof cell === 'bigint' ? `${datetimeText(cell, ' ')} UTC` : cell
}

function csvText(value: string, delimiter: string): string {
  return value === '' ||
    value.includes('"') ||
    value.includes('\n') ||
    value.includes('\r') ||
    value.includes(delimiter)
    ? `"${value.replaceAll('"', '""')}"`
    : value
}

function csvLine(row: readonly Cell[], delimiter: string): string {
  return `${row.map((cell) => (cell === null || typeof cell === 'object' ? '' : csvText(text(cell), delimiter))).join(delimiter)}\n`
}

function jsonLine(row: readonly Cell[], schema: readonly Field[]): string {
  return `${object(row, schema)}\n`
}

/** NULL members are left out. */
function object(row: readonly Cell[], schema: readonly Field[]): string {
  const members = schema.flatMap((field, i) =>
    row[i] === null || row[i] === undefined ? [] : [`${JSON.stringify(field.name)}:${value(row[i], field)}`],
  )
  return `{${members.join(',')}}`
}

function value(cell: Cell, field: Field): string {
  if (field.mode === 'REPEATED')
    return `[${(cell as readonly Cell[]).map((item) => value(item, { ...field, mode: 'NULLABLE' })).join(',')}]`
  if (cell === null) return 'null'
  if (field.type === 'STRUCT') return object(cell as readonly Cell[], field.fields ?? [])
  const scalar = text(cell as string | bigint)
  if (field.type === 'JSON' || field.type === 'BOOL') return scalar
  if (field.type === 'FLOAT64' && Number.isFinite(Number(scalar))) return scalar
  return JSON.stringify(scalar)
}
