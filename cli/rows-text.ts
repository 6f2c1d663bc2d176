import { stripVTControlCharacters } from 'node:util'
import { isNumeric, type ResultField } from './query-values.ts'
import type { QueryResult } from './run-query.ts'
import { fitWidth, textTable } from './text-table.ts'

export type TextFormat = 'table' | 'json' | 'csv'

/** A wider value ends in an ellipsis in a table; the other formats have all of it. */
const widestCell = 120

/** Rows as a table for people, JSON for programs, CSV for spreadsheets (quoted as in RFC 4180). */
export function printRows(result: QueryResult, format: TextFormat): string {
  const { fields, rows } = result
  if (format === 'json') return jsonText(fields, rows)
  if (format === 'csv') {
    const lines = rows.map((row) => row.map(csvCell).join(','))
    return [fields.map(({ name }) => csvCell(name)).join(','), ...lines].join('\n')
  }
  if (fields.length === 0) return doneText(result)
  const table = textTable(
    fields.map((field) => ({
      title: field.name,
      ...(isNumeric(field) ? { align: 'right' as const } : {}),
    })),
    rows.map((row) => row.map((cell) => fitWidth(stripVTControlCharacters(cellText(cell)), widestCell))),
  )
  return `${table}\n${countText(result)}`
}

function jsonText(fields: readonly ResultField[], rows: QueryResult['rows']): string {
  const objects = rows.map((row) => Object.fromEntries(fields.map(({ name }, i) => [name, row[i]])))
  return JSON.stringify(objects, null, 2)
}

function countText({ rows, totalRows }: QueryResult): string {
  const unit = totalRows === 1 ? 'row' : 'rows'
  if (rows.length === totalRows) return `(${totalRows} ${unit})`
  return `(the first ${rows.length} of ${totalRows} ${unit}; --max-rows shows more, --format csv all)`
}

function doneText({ statementType, changedRows }: QueryResult): string {
  const what = statementType.toLowerCase().replaceAll('_', ' ')
  if (changedRows === null) return `${what}: done`
  return `${what}: ${changedRows} row${changedRows === 1 ? '' : 's'}`
}

/** A value on one line; lists and maps as JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ')
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
