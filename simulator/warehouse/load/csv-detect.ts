import type { StoredField } from '../catalog/entry.ts'
import { parseDate, parseTime, parseTimestamp } from '../types/temporal.ts'
import type { ColumnType, LoadRequest } from '../warehouse.ts'
import { firstRows } from './column-order.ts'
import { dialectOf } from './csv.ts'
import { encodingOf, headOf } from './source.ts'

export interface DetectedCsv {
  readonly schema: readonly StoredField[]
  /** Rows before the first row of data. */
  readonly skipLeadingRows: number
  readonly fieldDelimiter: string
}

/** The service looks at so many rows of one file. */
const sample = 500

/**
 * Delimiter, header and types of a CSV file's columns.
 * https://cloud.google.com/bigquery/docs/schema-detect
 */
export async function detectCsv(request: LoadRequest): Promise<DetectedCsv | null> {
  const [file] = request.files
  if (!file) return null
  const head = await headOf(file, encodingOf(request), 1 << 20)
  const given = request.csv?.fieldDelimiter
  const skip = request.csv?.skipLeadingRows
  const read = (delimiter: string): string[][] =>
    firstRows(head, { ...dialectOf(request), delimiter, quotedNewlines: true }, sample + (skip ?? 1))
  const fieldDelimiter = given ?? bestDelimiter(read)
  const rows = read(fieldDelimiter)
  const marker = request.csv?.nullMarker ?? ''
  const isNull = (text: string): boolean => text === '' || text === marker
  // The last row that is skipped may be the header; without a word about skipping the first row may be.
  const at = skip === undefined ? 0 : skip - 1
  const candidate = at < 0 ? undefined : rows[at]
  const body = rows.slice(at + 1)
  const width = Math.max(0, ...rows.slice(Math.max(0, at)).map((row) => row.length))
  const types = (from: readonly string[][]): ColumnType[] =>
    Array.from({ length: width }, (_, column) =>
      typeOf(from.flatMap((row) => (row[column] === undefined || isNull(row[column]) ? [] : [row[column]]))),
    )
  const ofBody = types(body)
  const hasHeader =
    candidate !== undefined &&
    body.length > 0 &&
    candidate.every((text) => typeOf([text]) === 'STRING') &&
    ofBody.some((type) => type !== 'STRING')
  const found = hasHeader || (skip ?? 0) > 0 ? ofBody : types(rows)
  const names = hasHeader ? normalNames(candidate) : []
  return {
    schema: found.map((type, i) => ({
      name: names[i] ?? `${wireName(type)}_field_${i}`,
      type,
      mode: 'NULLABLE',
    })),
    skipLeadingRows: skip ?? (hasHeader ? 1 : 0),
    fieldDelimiter,
  }
}

/** Comma, pipe or tab: the one that cuts every row into the same number of values, and into the most. */
function bestDelimiter(read: (delimiter: string) => string[][]): string {
  let best = { delimiter: ',', width: 1 }
  for (const delimiter of [',', '|', '\t']) {
    const widths = new Set(read(delimiter).map((row) => row.length))
    const [width = 1] = widths
    if (widths.size === 1 && width > best.width) best = { delimiter, width }
  }
  return best.delimiter
}

const tests: readonly (readonly [ColumnType, (text: string) => boolean])[] = [
  ['BOOL', (text) => /^(true|false|t|f|yes|no|y|n)$/i.test(text)],
  ['INT64', (text) => /^[+-]?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)],
  ['FLOAT64', (text) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)],
  ['DATE', (text) => /^\d{4}-\d{1,2}-\d{1,2}$/.test(text) && parseDate(text) !== null],
  ['TIME', (text) => /^\d{1,2}:\d{2}:\d{2}(\.\d{1,6})?$/.test(text) && parseTime(text) !== null],
  [
    'TIMESTAMP',
    (text) => /^\d{4}-\d{1,2}-\d{1,2}/.test(text) && parseTimestamp(text.replace(/ UTC$/, 'Z')) !== null,
  ],
]

/** The narrowest type that takes all values; STRING without any. */
function typeOf(values: readonly string[]): ColumnType {
  if (values.length === 0) return 'STRING'
  return tests.find(([, test]) => values.every(test))?.[0] ?? 'STRING'
}

function wireName(type: ColumnType): string {
  return type === 'FLOAT64' ? 'double' : type.toLowerCase()
}

/** Letters, digits and underscores, not a digit first, each name once. */
function normalNames(header: readonly string[]): string[] {
  const seen = new Set<string>()
  return header.map((text) => {
    const clean = text.trim().replace(/[^\p{L}\p{N}_]/gu, '_')
    let name = /^[\p{L}_]/u.test(clean) ? clean : `_${clean}`
    for (let i = 1; seen.has(name.toLowerCase()); i++) name = `${clean}_${i}`
    seen.add(name.toLowerCase())
    return name
  })
}
