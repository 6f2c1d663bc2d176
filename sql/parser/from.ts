import type { Expression, From, JoinType, Name, Pivot, TableArgument, TablePath, Unpivot } from '../syntax.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseTablePath } from './path.ts'
import { parseAlias, parseQuery, startsQuery } from './query.ts'
import { reservedWords } from './words.ts'

/** The FROM clause after its keyword. Commas join like CROSS JOIN, left to right. */
export function parseFrom(cursor: Cursor): From {
  let left = parseJoined(cursor)
  while (cursor.is(',')) {
    const { at } = cursor.take()
    const right = parsePrimary(cursor)
    left = { kind: 'join', at, type: 'CROSS', left, right, on: null, using: null }
    left = parseJoins(cursor, left)
  }
  return left
}

function parseJoined(cursor: Cursor): From {
  return parseJoins(cursor, parsePrimary(cursor))
}

export function parseJoins(cursor: Cursor, first: From): From {
  let left = first
  while (true) {
    const { at } = cursor
    const type = parseJoinType(cursor)
    if (!type) return left
    const right = parsePrimary(cursor)
    const on = cursor.accept('ON') ? parseExpression(cursor) : null
    let using: Name[] | null = null
    if (!on && cursor.accept('USING')) {
      cursor.expect('(')
      using = cursor.list(() => cursor.name())
      cursor.expect(')')
    }
    const correlated = right.kind === 'unnest' || (right.kind === 'table' && right.path.parts.length > 1)
    const optional = type === 'CROSS' || (correlated && (type === 'INNER' || type === 'LEFT'))
    if (!on && !using && !optional) throw cursor.unexpected('ON or keyword USING')
    if (type === 'CROSS' && (on || using)) throw cursor.unexpected()
    left = { kind: 'join', at, type, left, right, on, using }
  }
}

function parseJoinType(cursor: Cursor): JoinType | null {
  if (cursor.accept('CROSS', 'JOIN')) return 'CROSS'
  if (cursor.accept('INNER', 'JOIN') || cursor.accept('JOIN')) return 'INNER'
  for (const type of ['LEFT', 'RIGHT', 'FULL'] as const) {
    if (cursor.accept(type, 'OUTER', 'JOIN') || cursor.accept(type, 'JOIN')) return type
  }
  if (cursor.is('NATURAL')) throw cursor.unsupported('NATURAL JOIN')
  return null
}

function parsePrimary(cursor: Cursor): From {
  const { at } = cursor
  let from: From
  if (cursor.accept('(')) {
    if (cursor.is('SELECT', 'WITH', 'FROM') || startsQuery(cursor)) {
      const query = parseQuery(cursor)
      cursor.expect(')')
      from = { kind: 'subquery', at, query, alias: pivotFollows(cursor) ? null : parseTableAlias(cursor) }
    } else {
      from = parseFrom(cursor)
      cursor.expect(')')
    }
  } else if (cursor.is('UNNEST')) from = parseUnnest(cursor)
  else from = parseTable(cursor)
  return parsePivots(cursor, from)
}

function parseTable(cursor: Cursor): From {
  const { at } = cursor
  const path = parseTablePath(cursor)
  if (cursor.is('(')) return parseTableFunction(cursor, at, path)
  const alias = pivotFollows(cursor) ? null : parseTableAlias(cursor)
  if (cursor.is('FOR')) throw cursor.unsupported('FOR SYSTEM_TIME AS OF')
  if (cursor.is('TABLESAMPLE')) throw cursor.unsupported('TABLESAMPLE')
  if (cursor.accept('WITH', 'OFFSET')) {
    const offset = parseAlias(cursor) ?? { text: 'offset', at }
    const [first, ...rest] = path.parts
    let array: Expression = { kind: 'name', at, name: first!, quoted: true }
    for (const part of rest) array = { kind: 'field', at, object: array, field: { text: part, at } }
    return { kind: 'unnest', at, array, alias, offset }
  }
  return { kind: 'table', at, path, alias, systemTime: false }
}

function parseTableFunction(cursor: Cursor, at: number, path: TablePath): From {
  cursor.expect('(')
  const args = cursor.is(')') ? [] : cursor.list(() => parseTableArgument(cursor))
  cursor.expect(')')
  const alias = pivotFollows(cursor) ? null : parseTableAlias(cursor)
  return { kind: 'tableFunction', at, path, arguments: args, alias }
}

function parseTableArgument(cursor: Cursor): TableArgument {
  const { at } = cursor
  for (const word of ['MODEL', 'TABLE'] as const) {
    const next = cursor.peek()
    if (!cursor.is(word) || (next.kind !== 'name' && next.kind !== 'quotedName')) continue
    cursor.take()
    return { kind: word === 'MODEL' ? 'model' : 'table', at, path: parseTablePath(cursor) }
  }
  if (cursor.is('(') && ['SELECT', 'WITH'].includes(cursor.peek().word)) {
    cursor.take()
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { kind: 'query', at, query }
  }
  const name = cursor.peek().word === '=>' ? cursor.name().text : null
  if (name !== null) cursor.expect('=>')
  return { kind: 'value', at, name, value: parseExpression(cursor) }
}

function parseUnnest(cursor: Cursor): From {
  const { at } = cursor.take()
  cursor.expect('(')
  const array = parseExpression(cursor)
  if (cursor.is(',')) throw cursor.unsupported('UNNEST of several arrays')
  cursor.expect(')')
  const alias = pivotFollows(cursor) ? null : parseTableAlias(cursor)
  const offset = cursor.accept('WITH', 'OFFSET') ? (parseAlias(cursor) ?? { text: 'offset', at }) : null
  return { kind: 'unnest', at, array, alias, offset }
}

function parseTableAlias(cursor: Cursor): Name | null {
  if (cursor.accept('AS')) return cursor.name()
  if (!cursor.isName() || reservedWords.has(cursor.token.word)) return null
  return cursor.name()
}

export function pivotFollows(cursor: Cursor): boolean {
  return (
    (cursor.is('PIVOT') && cursor.peek().word === '(') ||
    (cursor.is('UNPIVOT') && ['(', 'INCLUDE', 'EXCLUDE'].includes(cursor.peek().word))
  )
}

export function parsePivots(cursor: Cursor, from: From): From {
  if (!pivotFollows(cursor)) return from
  const { at, word } = cursor.take()
  if (word === 'PIVOT') {
    const pivot = parsePivot(cursor)
    return { kind: 'pivot', at, input: from, pivot, alias: parseTableAlias(cursor) }
  }
  const unpivot = parseUnpivot(cursor)
  return { kind: 'unpivot', at, input: from, unpivot, alias: parseTableAlias(cursor) }
}

function parsePivot(cursor: Cursor): Pivot {
  cursor.expect('(')
  const aggregates = cursor.list(() => ({ call: parseExpression(cursor), alias: parseAlias(cursor) }))
  cursor.expect('FOR')
  // Above comparison, so that IN is not read as an operator.
  const input = parseExpression(cursor, 5)
  cursor.expect('IN', '(')
  const values = cursor.list(() => ({ value: parseExpression(cursor), alias: parseAlias(cursor) }))
  cursor.expect(')', ')')
  return { aggregates, input, values }
}

function parseUnpivot(cursor: Cursor): Unpivot {
  const includeNulls = cursor.accept('INCLUDE', 'NULLS')
  if (!includeNulls) cursor.accept('EXCLUDE', 'NULLS')
  cursor.expect('(')
  const values = parseNames(cursor)
  cursor.expect('FOR')
  const label = cursor.name()
  cursor.expect('IN', '(')
  const columns = cursor.list(() => {
    const names = parseNames(cursor)
    if (names.length !== values.length) throw cursor.unexpected(`group of ${values.length} columns`)
    const labelled = cursor.accept('AS') || cursor.token.kind === 'string' || cursor.token.kind === 'integer'
    return { columns: names, label: labelled ? parseExpression(cursor) : null }
  })
  cursor.expect(')', ')')
  return { includeNulls, values, label, columns }
}

/** One name, or several in parentheses. */
function parseNames(cursor: Cursor): Name[] {
  if (!cursor.accept('(')) return [cursor.name()]
  const names = cursor.list(() => cursor.name())
  cursor.expect(')')
  return names
}
