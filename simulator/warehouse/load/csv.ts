import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { StoredField } from '../catalog/entry.ts'
import { execute } from '../engine/database.ts'
import { invalidRequest } from '../resources/missing.ts'
import { quoteText } from '../types/duck.ts'
import type { LoadFile, LoadRequest } from '../warehouse.ts'
import { BadRows } from './bad-rows.ts'
import { type CsvDialect, type CsvRow, CsvRows } from './csv-rows.ts'
import { checkFlat, fromText } from './csv-types.ts'
import { columnOrder } from './column-order.ts'
import type { FormatReader, Staged } from './load.ts'
import { encodingOf, headOf, textOf } from './source.ts'
import { Stage } from './stage.ts'

/** https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv */
export const csvReader: FormatReader = { fast: readFast, slow: readSlow }

export function dialectOf(request: LoadRequest): CsvDialect {
  const {
    fieldDelimiter = ',',
    quote = '"',
    allowQuotedNewlines,
    preserveAsciiControlCharacters,
  } = request.csv ?? {}
  if (fieldDelimiter === '') throw invalidRequest('fieldDelimiter must not be empty')
  if (quote.length > 1) throw invalidRequest('quote must be a single character')
  if (quote !== '' && quote === fieldDelimiter)
    throw invalidRequest('Field delimiter and quote character must differ')
  return {
    delimiter: fieldDelimiter,
    quote,
    quotedNewlines: allowQuotedNewlines === true,
    controlCharacters: preserveAsciiControlCharacters === true,
  }
}

function nullMarkers(request: LoadRequest): readonly string[] {
  const { nullMarker, nullMarkers: several } = request.csv ?? {}
  if (several !== undefined && several.length > 0) {
    if (nullMarker !== undefined && nullMarker !== '')
      throw invalidRequest('Only one of nullMarker and nullMarkers may be set')
    return several
  }
  return [nullMarker ?? '']
}

/**
 * DuckDB's own reader, for files without a bad row: what it takes must mean the same, and what it might read
 * differently must fail, for then the slow way has the last word.
 */
async function readFast(
  _connection: DuckDBConnection,
  request: LoadRequest,
  schema: readonly StoredField[],
): Promise<string | null> {
  checkFlat(schema)
  const dialect = dialectOf(request)
  const simple =
    encodingOf(request) === 'UTF-8' &&
    request.ignoreUnknownValues !== true &&
    Buffer.byteLength(dialect.delimiter) <= 4
  if (!simple) return null
  const files: string[] = []
  for (const file of request.files) {
    const head = await headOf(file, 'UTF-8', 1 << 16)
    const breaks = new Set(head.replace(/\r$/, '').match(/\r\n|\r|\n/g))
    if (breaks.size > 1 || head === '') return null
    const order = columnOrder(request, schema, head, dialect)
    if (order === null) return null
    const [newline = '\n'] = breaks
    const values = schema.map((field, i) => {
      const at = order.indexOf(i)
      return `${at < 0 ? 'NULL' : fromText(checked(`t${at}`, field, dialect), field, request.csv ?? {})} AS c${i}`
    })
    files.push(
      `SELECT ${values.join(', ')} FROM ${duckReader(request, file, order.length, dialect, newline)}`,
    )
  }
  return files.length === 0 ? null : `(${files.join(' UNION ALL ')})`
}

/** Fails for what BigQuery refuses and DuckDB reads. Text of other types would not convert anyway. */
function checked(sql: string, field: StoredField, dialect: CsvDialect): string {
  if (field.type !== 'STRING' && field.type !== 'JSON') return sql
  const breaks = dialect.quote !== '' && !dialect.quotedNewlines ? ['chr(10)', 'chr(13)'] : []
  const refused = dialect.controlCharacters ? breaks : ['chr(0)', ...breaks]
  if (refused.length === 0) return sql
  const any = refused.map((char) => `contains(${sql}, ${char})`).join(' OR ')
  return `CASE WHEN ${any} THEN error('a character that needs a look') ELSE ${sql} END`
}

/** Columns t0, t1 … as text. */
function duckReader(
  request: LoadRequest,
  file: LoadFile,
  width: number,
  dialect: CsvDialect,
  newline: string,
): string {
  const csv = request.csv ?? {}
  const columns = Array.from({ length: width }, (_, i) => `'t${i}': 'VARCHAR'`).join(', ')
  const newlines: Readonly<Record<string, string>> = { '\n': `'\\n'`, '\r': `'\\r'`, '\r\n': `'\\r\\n'` }
  const options = [
    'auto_detect = false',
    'header = false',
    `columns = {${columns}}`,
    `new_line = ${newlines[newline]!}`,
    `delim = ${quoteText(dialect.delimiter)}`,
    `quote = ${quoteText(dialect.quote)}`,
    `escape = ${quoteText(dialect.quote)}`,
    `skip = ${csv.skipLeadingRows ?? 0}`,
    `nullstr = [${nullMarkers(request).map(quoteText).join(', ')}]`,
    'allow_quoted_nulls = false',
    `null_padding = ${csv.allowJaggedRows === true}`,
    `compression = '${file.gzip ? 'gzip' : 'none'}'`,
    `parallel = ${csv.allowQuotedNewlines !== true && csv.allowJaggedRows !== true}`,
  ]
  return `read_csv(${quoteText(file.path)}, ${options.join(', ')})`
}

/** Row by row, for files that are not plain: finds the bad rows, says what is wrong with them, keeps the others. */
async function readSlow(
  connection: DuckDBConnection,
  request: LoadRequest,
  schema: readonly StoredField[],
): Promise<Staged> {
  checkFlat(schema)
  const csv = request.csv ?? {}
  const dialect = dialectOf(request)
  const encoding = encodingOf(request)
  const markers = new Set(nullMarkers(request))
  const bad = new BadRows('CSV', request.maxBadRecords ?? 0)
  const text = schema.map((): StoredField => ({ name: 't', type: 'STRING', mode: 'NULLABLE' }))
  const place = (['file', 'line', 'position'] as const).map((name): StoredField => ({
    name,
    type: 'INT64',
    mode: 'NULLABLE',
  }))
  const raw = await Stage.create(connection, [...text, ...place])
  for (const [number, file] of request.files.entries()) {
    const head = await headOf(file, encoding)
    const order = columnOrder(request, schema, head, dialect) ?? []
    let skip = csv.skipLeadingRows ?? 0
    const take = (row: CsvRow): void => {
      if (skip > 0) {
        skip--
        return
      }
      bad.rows++
      const problem = row.problem ?? widthProblem(row, order.length, request)
      if (problem !== undefined) {
        bad.add(row.problem === undefined ? problem : detected(row, problem), file.name)
        return
      }
      const values = schema.map((_, i) => {
        const value = row.values[order.indexOf(i)]
        return value === undefined || (!value.quoted && markers.has(value.text)) ? null : value.text
      })
      raw.add([...values, BigInt(number), BigInt(row.line), BigInt(row.position)])
    }
    const rows = new CsvRows(dialect)
    for await (const piece of textOf(file, encoding, request.signal)) {
      if (bad.tooMany) throw bad.failure()
      for (const row of rows.push(piece)) take(row)
    }
    for (const row of rows.end()) take(row)
  }
  raw.close()
  return convert(connection, request, schema, raw.table, bad)
}

function detected(row: CsvRow, problem: string): string {
  return `Error detected while parsing row starting at position: ${row.position}. Error: ${problem} Line: ${row.line}`
}

function widthProblem({ values, position }: CsvRow, width: number, request: LoadRequest): string | undefined {
  const found = values.length
  if (found < width && request.csv?.allowJaggedRows !== true)
    return `CSV table references column position ${found}, but line starting at position:${position} contains only ${found} columns.`
  // A delimiter at the end of a line is no further value.
  const extra = found === width + 1 && values.at(-1)?.text === '' ? 0 : found - width
  if (extra > 0 && request.ignoreUnknownValues !== true)
    return `Too many values in row starting at position: ${position}. Found ${found} column(s) while expected ${width}.`
  return undefined
}

/** Texts t0, t1 … to values c0, c1 …; rows with a text that is no value of its column are bad. */
async function convert(
  connection: DuckDBConnection,
  request: LoadRequest,
  schema: readonly StoredField[],
  raw: string,
  bad: BadRows,
): Promise<Staged> {
  const width = schema.length
  const values = schema.map((field, i) => fromText(`c${i}`, field, request.csv ?? {}))
  const tests = schema.map((field, i) =>
    [
      `(c${i} IS NOT NULL AND (${overlong(`c${i}`, values[i]!, field)}TRY(${values[i]!}) IS NULL))`,
      ...(field.mode === 'REQUIRED' ? [`c${i} IS NULL`] : []),
    ].join(' OR '),
  )
  const anyBad = tests.map((test) => `(${test})`).join(' OR ')
  const count = await execute(connection, `SELECT count(*) FROM ${raw} WHERE ${anyBad}`)
  const refused = Number((count.getChunk(0).getRows()[0] as [bigint])[0])
  if (refused > 0) {
    const which = `CASE ${tests.map((test, i) => `WHEN ${test} THEN ${i}`).join(' ')} END`
    const first = await execute(
      connection,
      `SELECT *, ${which} FROM ${raw} WHERE ${anyBad} ORDER BY c${width}, c${width + 2} LIMIT 5`,
    )
    for (const row of first.rowCount === 0 ? [] : first.getChunk(0).getRows()) {
      const [file, line, position, column] = row.slice(width).map(Number) as [number, number, number, number]
      const field = schema[column]!
      const name = request.files[file]!.name
      bad.add(`${valueProblem(row[column], field, column, position)} Line: ${line}`, name)
    }
    bad.count += refused - Math.min(refused, 5)
  }
  if (bad.tooMany) throw bad.failure()
  const kept = values.map((sql, i) => `${refused > 0 ? `TRY(${sql})` : sql} AS c${i}`)
  return {
    from: `(SELECT ${kept.join(', ')} FROM ${raw}${refused > 0 ? ` WHERE NOT (${anyBad})` : ''})`,
    badRecords: bad.count,
    errors: bad.problems,
  }
}

/** Part of a test: a value that is too long for its column is bad whatever it converts to. */
function overlong(sql: string, value: string, field: StoredField): string {
  const { maxLength, precision, scale = 0 } = field
  if (precision !== undefined && field.type === 'NUMERIC')
    return `abs(round(TRY(${value}), ${scale})) >= 1e${precision - scale} OR `
  if (maxLength === undefined) return ''
  if (field.type === 'STRING') return `length(${sql}) > ${maxLength} OR `
  return field.type === 'BYTES' ? `octet_length(TRY(from_base64(${sql}))) > ${maxLength} OR ` : ''
}

function valueProblem(
  value: DuckDBValue | undefined,
  field: StoredField,
  column: number,
  position: number,
): string {
  if (value === null)
    return `Required column value for column index: ${column} is missing in row starting at position: ${position}.`
  const text = typeof value === 'string' ? value : ''
  const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text
  return `Could not parse '${shown}' as ${field.type} for field ${field.name} (position ${column}) starting at location ${position} with message 'Unable to parse'`
}
