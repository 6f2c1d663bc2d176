import type { DuckDBConnection } from '@duckdb/node-api'
import { castValue } from '../analyze/cast.ts'
import { typed } from '../analyze/typed.ts'
import type { StoredField } from '../catalog/entry.ts'
import { execute } from '../engine/database.ts'
import { invalidRequest } from '../resources/missing.ts'
import { duckType, quoteText } from '../types/duck.ts'
import { STRING, typeOfField } from '../types/type.ts'
import { type LoadFile, type LoadRequest, WarehouseError, type WarehouseProblem } from '../warehouse.ts'
import type { Stager } from './load.ts'
import { tooManyErrors } from './ndjson.ts'

let tables = 0

/** https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv */
export const stageCsv: Stager = async (connection, request, schema) => {
  for (const field of schema)
    if (field.mode === 'REPEATED' || field.type === 'STRUCT')
      throw invalidRequest(
        `CSV cannot hold field ${field.name} of type ${field.mode === 'REPEATED' ? 'ARRAY' : 'RECORD'}`,
      )
  const name = `temp.main."_csv${tables++}"`
  const files = request.files.map((file) => `SELECT * FROM ${reader(request, schema, file, false)}`)
  const typedColumns = schema.map((field, i) => `${fromText(`t${i}`, field)} AS c${i}`)
  try {
    await execute(
      connection,
      `CREATE TEMP TABLE ${name} AS SELECT ${typedColumns.join(', ')} FROM (${files.join(' UNION ALL ')})`,
    )
    await checkRequired(connection, name, schema)
    return { from: name, badRecords: 0, errors: [] }
  } catch (error) {
    if (error instanceof WarehouseError && error.reason === 'stopped') throw error
    return stageWithErrors(connection, request, schema, name)
  }
}

/** Columns t0, t1 … as text. */
function reader(
  request: LoadRequest,
  schema: readonly StoredField[],
  file: LoadFile,
  tolerant: boolean,
): string {
  const csv = request.csv ?? {}
  const quote = csv.quote ?? '"'
  const delimiter = { '\\t': '\t', tab: '\t' }[csv.fieldDelimiter ?? ''] ?? csv.fieldDelimiter ?? ','
  const encoding = { 'UTF-8': 'utf-8', 'ISO-8859-1': 'latin-1' }[csv.encoding ?? 'UTF-8']
  if (!encoding) throw invalidRequest(`Unsupported in the local warehouse: CSV encoding ${csv.encoding}`)
  const columns = schema.map((_, i) => `'t${i}': 'VARCHAR'`).join(', ')
  const options = [
    `auto_detect = false`,
    `header = false`,
    `columns = {${columns}}`,
    `delim = ${quoteText(delimiter)}`,
    `quote = ${quoteText(quote)}`,
    `escape = ${quoteText(quote)}`,
    `skip = ${csv.skipLeadingRows ?? 0}`,
    `nullstr = ${quoteText(csv.nullMarker ?? '')}`,
    `allow_quoted_nulls = false`,
    `null_padding = ${csv.allowJaggedRows === true}`,
    `compression = '${file.gzip ? 'gzip' : 'none'}'`,
    `encoding = '${encoding}'`,
    `strict_mode = ${request.ignoreUnknownValues !== true}`,
    `max_line_size = 104857600`,
    // The default is sixteen lines of that length, kept in memory at once.
    `buffer_size = 125829120`,
    `parallel = ${csv.allowQuotedNewlines !== true && csv.allowJaggedRows !== true}`,
    ...(tolerant ? ['ignore_errors = true'] : []),
  ]
  return `read_csv(${quoteText(file.path)}, ${options.join(', ')})`
}

function fromText(sql: string, field: StoredField): string {
  const type = typeOfField(field)
  if (field.type === 'STRING') return sql
  if (field.type === 'BOOL') {
    const failure = `CAST(bq_error('Unable to parse; ' || ${sql}) AS BOOLEAN)`
    return `CASE WHEN lower(${sql}) IN ('true', 't', 'yes', 'y', '1') THEN TRUE WHEN lower(${sql}) IN ('false', 'f', 'no', 'n', '0') THEN FALSE WHEN ${sql} IS NOT NULL THEN ${failure} END`
  }
  if (field.type === 'JSON') return `bq_parse_json(${sql}, 'round')`
  if (field.type === 'BYTES') return `from_base64(${sql})`
  if (field.type === 'TIMESTAMP')
    return `CAST(make_timestamptz(bq_text_timestamp(regexp_replace(${sql}, ' UTC$', 'Z'), 'UTC')) AS ${duckType(type)})`
  return castValue(typed(sql, STRING), type, false, 0).sql
}

async function checkRequired(
  connection: DuckDBConnection,
  name: string,
  schema: readonly StoredField[],
): Promise<void> {
  const required = schema.flatMap((field, i) => (field.mode === 'REQUIRED' ? [`c${i} IS NULL`] : []))
  if (required.length === 0) return
  const result = await execute(connection, `SELECT 1 FROM ${name} WHERE ${required.join(' OR ')} LIMIT 1`)
  if (result.rowCount > 0) throw new WarehouseError({ reason: 'invalid', message: 'required' })
}

/** The slow way, for files with bad rows: finds them, says what is wrong, keeps the others if they are few enough. */
async function stageWithErrors(
  connection: DuckDBConnection,
  request: LoadRequest,
  schema: readonly StoredField[],
  name: string,
): Promise<Awaited<ReturnType<Stager>>> {
  const allowed = request.maxBadRecords ?? 0
  const errors: WarehouseProblem[] = []
  let bad = 0
  let rows = 0
  // The failed statement has ended the transaction.
  await connection.run('ROLLBACK').catch(() => undefined)
  await execute(connection, 'BEGIN TRANSACTION')
  const parts: string[] = []
  for (const [number, file] of request.files.entries()) {
    const raw = `temp.main."_raw${tables++}_${number}"`
    await execute(
      connection,
      `CREATE TEMP TABLE ${raw} AS SELECT *, row_number() OVER () AS n FROM ${reader(request, schema, file, true)}`,
    )
    const total = await countLines(connection, request, file)
    const [kept] = (await execute(connection, `SELECT count(*) FROM ${raw}`)).getChunk(0).getRows()[0] as [
      bigint,
    ]
    const malformed = Math.max(0, total - Number(kept))
    rows += Number(kept) + malformed
    bad += malformed
    if (malformed > 0)
      errors.push({
        reason: 'invalid',
        location: file.name,
        message: `Error while reading data, error message: CSV table encountered rows with a wrong number of columns or bad quoting; ${malformed} rows. File: ${file.name}`,
      })
    const good: string[] = []
    for (const [i, field] of schema.entries()) {
      const test = `(t${i} IS NOT NULL AND TRY(${fromText(`t${i}`, field)}) IS NULL)${field.mode === 'REQUIRED' ? ` OR t${i} IS NULL` : ''}`
      good.push(`NOT (${test})`)
      const failed = await execute(connection, `SELECT n, t${i} FROM ${raw} WHERE ${test} ORDER BY n LIMIT 5`)
      const found = failed.rowCount === 0 ? [] : failed.getChunk(0).getRows()
      for (const [n, text] of found)
        errors.push({
          reason: 'invalid',
          location: file.name,
          message: `Error while reading data, error message: Could not parse '${String(text)}' as ${field.type} for field ${field.name} (position ${i}) starting at row ${String(n)}. File: ${file.name}`,
        })
    }
    const [refused] = (
      await execute(connection, `SELECT count(*) FROM ${raw} WHERE NOT (${good.join(' AND ')})`)
    )
      .getChunk(0)
      .getRows()[0] as [bigint]
    bad += Number(refused)
    parts.push(
      `SELECT ${schema.map((field, i) => `TRY(${fromText(`t${i}`, field)}) AS c${i}`).join(', ')} FROM ${raw} WHERE ${good.join(' AND ')}`,
    )
  }
  if (bad > allowed || bad === 0) throw tooManyErrors('CSV table', rows, bad, allowed, errors)
  await execute(connection, `CREATE TEMP TABLE ${name} AS ${parts.join(' UNION ALL ')}`)
  return { from: name, badRecords: bad, errors: errors.slice(0, 5) }
}

/** Lines of a file less those skipped; rows with quoted newlines count more than once and are taken as they come. */
async function countLines(
  connection: DuckDBConnection,
  request: LoadRequest,
  file: LoadFile,
): Promise<number> {
  if (request.csv?.allowQuotedNewlines) return 0
  const sql = `SELECT count(*) FROM read_csv(${quoteText(file.path)}, auto_detect = false, header = false, columns = {'line': 'VARCHAR'}, delim = ${quoteText('\x01')}, quote = '', escape = '', compression = '${file.gzip ? 'gzip' : 'none'}', max_line_size = 104857600, skip = ${request.csv?.skipLeadingRows ?? 0}, nullstr = ${quoteText('\x02')}) WHERE line <> ''`
  const [count] = (await execute(connection, sql)).getChunk(0).getRows()[0] as [bigint]
  return Number(count)
}
