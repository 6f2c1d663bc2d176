import { invalid } from '../problem.ts'
import type { Assignment, Expression, From, MergeAction, MergeClause, Name } from '../syntax.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseFrom } from './from.ts'
import { parseTablePath } from './path.ts'
import { parseAlias, parseQuery, startsQuery } from './query.ts'
import type { Unfinished } from './statement.ts'

export function parseInsert(cursor: Cursor, at: number): Unfinished {
  cursor.expect('INSERT')
  cursor.accept('INTO')
  const path = parseTablePath(cursor)
  const columns = cursor.is('(') && !startsQuery(cursor) ? parseColumns(cursor) : null
  if (!cursor.accept('VALUES'))
    return { kind: 'insert', at, path, columns, source: { kind: 'query', query: parseQuery(cursor) } }
  const rows = cursor.list(() => parseValues(cursor))
  return { kind: 'insert', at, path, columns, source: { kind: 'values', rows } }
}

function parseColumns(cursor: Cursor): Name[] {
  cursor.expect('(')
  const columns = cursor.list(() => cursor.name())
  cursor.expect(')')
  return columns
}

function parseValues(cursor: Cursor): Expression[] {
  cursor.expect('(')
  const values = cursor.list(() => parseExpression(cursor))
  cursor.expect(')')
  return values
}

export function parseUpdate(cursor: Cursor, at: number): Unfinished {
  cursor.expect('UPDATE')
  const path = parseTablePath(cursor)
  const alias = parseAlias(cursor)
  cursor.expect('SET')
  const assignments = parseAssignments(cursor)
  const from: From | null = cursor.accept('FROM') ? parseFrom(cursor) : null
  if (!cursor.accept('WHERE')) throw invalid(at, 'UPDATE must have a WHERE clause')
  return { kind: 'update', at, path, alias, assignments, from, where: parseExpression(cursor) }
}

function parseAssignments(cursor: Cursor): Assignment[] {
  return cursor.list(() => {
    const { at } = cursor
    const path = cursor.list(() => cursor.fieldName(), '.')
    cursor.expect('=')
    return { at, path, value: parseExpression(cursor) }
  })
}

export function parseDelete(cursor: Cursor, at: number): Unfinished {
  cursor.expect('DELETE')
  cursor.accept('FROM')
  const path = parseTablePath(cursor)
  const alias = parseAlias(cursor)
  if (!cursor.accept('WHERE')) throw invalid(at, 'DELETE must have a WHERE clause')
  return { kind: 'delete', at, path, alias, where: parseExpression(cursor) }
}

export function parseTruncate(cursor: Cursor, at: number): Unfinished {
  cursor.expect('TRUNCATE', 'TABLE')
  return { kind: 'truncate', at, path: parseTablePath(cursor) }
}

export function parseMerge(cursor: Cursor, at: number): Unfinished {
  cursor.expect('MERGE')
  cursor.accept('INTO')
  const path = parseTablePath(cursor)
  const alias = parseAlias(cursor)
  cursor.expect('USING')
  const source = parseFrom(cursor)
  cursor.expect('ON')
  const on = parseExpression(cursor)
  const clauses: MergeClause[] = []
  while (cursor.is('WHEN')) clauses.push(parseMergeClause(cursor))
  if (clauses.length === 0) throw cursor.unexpected('WHEN')
  return { kind: 'merge', at, path, alias, source, on, clauses }
}

function parseMergeClause(cursor: Cursor): MergeClause {
  const { at } = cursor.take()
  const not = cursor.accept('NOT')
  cursor.expect('MATCHED')
  const bySource = not && cursor.accept('BY', 'SOURCE')
  if (not && !bySource) cursor.accept('BY', 'TARGET')
  const match = bySource ? 'NOT MATCHED BY SOURCE' : not ? 'NOT MATCHED' : 'MATCHED'
  const condition = cursor.accept('AND') ? parseExpression(cursor) : null
  cursor.expect('THEN')
  return { at, match, condition, action: parseMergeAction(cursor, match) }
}

function parseMergeAction(cursor: Cursor, match: MergeClause['match']): MergeAction {
  if (match === 'NOT MATCHED') {
    cursor.expect('INSERT')
    if (cursor.accept('ROW')) return { kind: 'insertRow' }
    const columns = cursor.is('(') ? parseColumns(cursor) : null
    if (cursor.accept('ROW')) return { kind: 'insertRow' }
    cursor.expect('VALUES')
    return { kind: 'insert', columns, values: parseValues(cursor) }
  }
  if (cursor.accept('DELETE')) return { kind: 'delete' }
  cursor.expect('UPDATE', 'SET')
  return { kind: 'update', assignments: parseAssignments(cursor) }
}
