import type { Token } from '../lexer.ts'
import type { TablePath } from '../syntax.ts'
import type { Cursor } from './cursor.ts'

/**
 * project.dataset.table with any part or the whole in backticks; dashes are allowed in the unquoted first part.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#table_names
 */
export function parseTablePath(cursor: Cursor): TablePath {
  const { at } = cursor
  const parts = [...firstPart(cursor)]
  while (cursor.accept('.')) parts.push(...splitName(cursor.token, cursor.fieldName().text))
  return { at, parts }
}

function firstPart(cursor: Cursor): string[] {
  const first = cursor.token
  const name = cursor.name().text
  if (first.kind === 'quotedName') return splitName(first, name)
  let dashed = name
  while (cursor.is('-') && cursor.at === cursor.lastEnd) {
    const next = cursor.peek()
    const adjacent = next.at === cursor.token.end && (next.kind === 'name' || next.kind === 'integer')
    if (!adjacent) break
    cursor.take()
    dashed += `-${cursor.take().text}`
  }
  return [dashed]
}

function splitName(token: Token, name: string): string[] {
  return token.kind === 'quotedName' ? name.split('.') : [name]
}
