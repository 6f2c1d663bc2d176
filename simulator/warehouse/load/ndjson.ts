import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredField } from '../catalog/entry.ts'
import { quoteText } from '../types/duck.ts'
import type { LoadRequest } from '../warehouse.ts'
import { BadRows } from './bad-rows.ts'
import { RowProblem, toRow } from './convert.ts'
import { columnsOf, membersOf } from './json-columns.ts'
import { parseJson } from './json-value.ts'
import type { FormatReader, Staged } from './load.ts'
import { encodingOf, textOf } from './source.ts'
import { Stage } from './stage.ts'

/** One JSON object a line. https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json */
export const jsonReader: FormatReader = { fast: readFast, slow: readSlow }

const reads = new Set([
  'STRING',
  'INT64',
  'FLOAT64',
  'NUMERIC',
  'BOOL',
  'DATE',
  'DATETIME',
  'TIMESTAMP',
  'JSON',
])

/** DuckDB's own reader, for files in which everything is plain. */
async function readFast(
  _connection: DuckDBConnection,
  request: LoadRequest,
  schema: readonly StoredField[],
): Promise<string | null> {
  if (encodingOf(request) !== 'UTF-8' || request.files.length === 0 || !schema.every(isPlain)) return null
  const files = request.files.map(
    (file) =>
      `SELECT json FROM read_ndjson_objects(${quoteText(file.path)}, compression = '${file.gzip ? 'gzip' : 'uncompressed'}')`,
  )
  const ignore = request.ignoreUnknownValues === true
  const members = `SELECT ${membersOf('json', schema, ignore)} AS m FROM (${files.join(' UNION ALL ')})`
  return `(SELECT ${columnsOf(schema, ignore).join(', ')} FROM (${members}))`
}

function isPlain(field: StoredField): boolean {
  return field.type === 'STRUCT' ? (field.fields ?? []).every(isPlain) : reads.has(field.type)
}

/** Line by line: finds the bad rows, says what is wrong with them, keeps the others. */
async function readSlow(
  connection: DuckDBConnection,
  request: LoadRequest,
  schema: readonly StoredField[],
): Promise<Staged> {
  const stage = await Stage.create(connection, schema)
  const bad = new BadRows('JSON', request.maxBadRecords ?? 0)
  const encoding = encodingOf(request)
  const ignoreUnknown = request.ignoreUnknownValues === true
  for (const file of request.files) {
    let position = 0
    let rest = ''
    const take = (line: string): void => {
      const start = position
      position += Buffer.byteLength(line) + 1
      if (line.trim() === '') return
      bad.rows++
      try {
        stage.add(toRow(parseJson(line), schema, ignoreUnknown))
      } catch (error) {
        if (!(error instanceof RowProblem) && !(error instanceof SyntaxError)) throw error
        const detail =
          error instanceof RowProblem
            ? error.message
            : `Parser terminated before end of string: ${error.message}`
        bad.add(`JSON parsing error in row starting at position ${start}: ${detail}`, file.name)
      }
    }
    for await (const piece of textOf(file, encoding, request.signal)) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop()!
      lines.forEach(take)
      if (bad.tooMany) throw bad.failure()
    }
    take(rest)
    if (bad.tooMany) throw bad.failure()
  }
  stage.close()
  return { from: stage.table, badRecords: bad.count, errors: bad.problems }
}
