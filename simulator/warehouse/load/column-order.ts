import type { StoredField } from '../catalog/entry.ts'
import { invalidRequest } from '../resources/missing.ts'
import type { LoadRequest } from '../warehouse.ts'
import { type CsvDialect, CsvRows } from './csv-rows.ts'

/** First rows of a text that may end within one. */
export function firstRows(text: string, dialect: CsvDialect, count: number): string[][] {
  const out: string[][] = []
  const rows = new CsvRows(dialect)
  const take = (values: readonly { readonly text: string }[]): boolean =>
    out.push(values.map((value) => value.text)) >= count
  for (const row of rows.push(text)) if (take(row.values)) return out
  for (const row of rows.end()) if (take(row.values)) break
  return out
}

/**
 * For each column of the file the field that it holds, -1 for none: by position, or by the names in the last of the
 * rows that are skipped. Null when the file has no such row.
 * https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#SourceColumnMatch
 */
export function columnOrder(
  request: LoadRequest,
  schema: readonly StoredField[],
  head: string,
  dialect: CsvDialect,
): readonly number[] | null {
  if (request.csv?.sourceColumnMatch !== 'NAME') return schema.map((_, i) => i)
  const skip = request.csv.skipLeadingRows ?? 0
  if (skip < 1) throw invalidRequest('sourceColumnMatch NAME needs skipLeadingRows of at least 1: the header')
  const header = firstRows(head, dialect, skip)[skip - 1]
  if (!header) return null
  return header.map((name) => {
    const at = schema.findIndex((field) => field.name.toLowerCase() === name.trim().toLowerCase())
    if (at < 0 && request.ignoreUnknownValues !== true)
      throw invalidRequest(`The header names a column that the table does not have: ${name}`)
    return at
  })
}
