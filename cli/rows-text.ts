import type { QueryResult } from './run-query.ts'
import { textTable } from './text-table.ts'

/** Rows as a table for people, JSON for programs, CSV for spreadsheets (quoted as in RFC 4180). */
export function printRows({ columns, rows }: QueryResult, format: 'table' | 'json' | 'csv'): string {
  if (format === 'json') return JSON.stringify(rows, null, 2)
  if (format === 'csv') {
    const lines = rows.map((row) => columns.map((column) => csvCell(row[column])).join(','))
    return [columns.map(csvCell).join(','), ...lines].join('\n')
  }
  if (columns.length === 0) return 'done'
  const titles = columns.map((title) => ({
    title,
    ...(rows.some((row) => typeof row[title] === 'number') ? { align: 'right' as const } : {}),
  }))
  const table = textTable(
    titles,
    rows.map((row) => columns.map((column) => cellText(row[column]))),
  )
  return `${table}\n(${rows.length} row${rows.length === 1 ? '' : 's'})`
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
