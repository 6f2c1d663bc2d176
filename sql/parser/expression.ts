import { invalid } from '../problem.ts'
import type { BinaryOperator, Expression, InSource, LiteralType } from '../syntax.ts'
import { parseArrayItems, parseCall, parseFunctionLike } from './call.ts'
import type { Cursor } from './cursor.ts'
import { parseQuery, startsQuery } from './query.ts'
import { parseType } from './type.ts'
import { reservedWords } from './words.ts'

const precedence: Readonly<Record<string, number>> = {
  OR: 1,
  AND: 2,
  '|': 5,
  '^': 6,
  '&': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '||': 10,
}
const NOT = 3
const COMPARISON = 4
const UNARY = 11
const comparisons = ['=', '!=', '<>', '<', '<=', '>', '>=']

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/operators#operator_precedence */
export function parseExpression(cursor: Cursor, minimum = 0): Expression {
  let left = parseUnary(cursor, minimum)
  while (true) {
    const word = cursor.token.word
    const level = precedence[word]
    if (level !== undefined) {
      if (level < minimum) return left
      const { at } = cursor.take()
      const right = parseExpression(cursor, level + 1)
      left = { kind: 'binary', at, operator: word as BinaryOperator, left, right }
    } else if (COMPARISON >= minimum && startsComparison(cursor)) {
      left = parseComparison(cursor, left)
      if (startsComparison(cursor)) throw cursor.unexpected()
    } else return left
  }
}

function startsComparison(cursor: Cursor): boolean {
  if (cursor.is(...comparisons, 'IS', 'IN', 'BETWEEN', 'LIKE')) return true
  return cursor.is('NOT') && ['IN', 'BETWEEN', 'LIKE'].includes(cursor.peek().word)
}

function parseComparison(cursor: Cursor, left: Expression): Expression {
  const { at } = cursor
  if (cursor.is(...comparisons)) {
    const { word } = cursor.take()
    const operator = (word === '<>' ? '!=' : word) as BinaryOperator
    return { kind: 'binary', at, operator, left, right: parseExpression(cursor, COMPARISON + 1) }
  }
  if (cursor.accept('IS')) return parseIs(cursor, left, at)
  const not = cursor.accept('NOT')
  if (cursor.accept('BETWEEN')) {
    const low = parseExpression(cursor, COMPARISON + 1)
    cursor.expect('AND')
    return { kind: 'between', at, operand: left, low, high: parseExpression(cursor, COMPARISON + 1), not }
  }
  if (cursor.accept('IN')) return { kind: 'in', at, operand: left, not, source: parseInSource(cursor) }
  cursor.expect('LIKE')
  const quantifier =
    cursor.accept('ANY') || cursor.accept('SOME') ? 'ANY' : cursor.accept('ALL') ? 'ALL' : null
  if (!quantifier) {
    const patterns = [parseExpression(cursor, COMPARISON + 1)]
    return { kind: 'like', at, operand: left, not, quantifier, patterns, array: null }
  }
  const like = { kind: 'like', at, operand: left, not, quantifier } as const
  if (cursor.accept('UNNEST')) {
    cursor.expect('(')
    const array = parseExpression(cursor)
    cursor.expect(')')
    return { ...like, patterns: [], array }
  }
  cursor.expect('(')
  if (startsQuery(cursor)) {
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { ...like, patterns: [], array: { kind: 'subquery', at, form: 'array', query } }
  }
  const patterns = cursor.list(() => parseExpression(cursor))
  cursor.expect(')')
  return { ...like, patterns, array: null }
}

function parseIs(cursor: Cursor, operand: Expression, at: number): Expression {
  const not = cursor.accept('NOT')
  if (cursor.accept('DISTINCT')) {
    cursor.expect('FROM')
    return { kind: 'distinct', at, left: operand, right: parseExpression(cursor, COMPARISON + 1), not }
  }
  if (cursor.accept('UNKNOWN')) return { kind: 'is', at, operand, test: 'UNKNOWN', not }
  for (const test of ['NULL', 'TRUE', 'FALSE'] as const)
    if (cursor.accept(test)) return { kind: 'is', at, operand, test, not }
  throw cursor.unexpected()
}

function parseInSource(cursor: Cursor): InSource {
  if (cursor.accept('UNNEST')) {
    cursor.expect('(')
    const array = parseExpression(cursor)
    cursor.expect(')')
    return { kind: 'unnest', array }
  }
  cursor.expect('(')
  if (startsQuery(cursor)) {
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { kind: 'query', query }
  }
  const items = cursor.list(() => parseExpression(cursor))
  cursor.expect(')')
  return { kind: 'list', items }
}

function parseUnary(cursor: Cursor, minimum: number): Expression {
  const { at } = cursor
  if (cursor.is('NOT')) {
    if (minimum > NOT) throw cursor.unexpected()
    cursor.take()
    return { kind: 'unary', at, operator: 'NOT', operand: parseExpression(cursor, NOT) }
  }
  for (const operator of ['-', '+', '~'] as const) {
    if (!cursor.accept(operator)) continue
    const operand = parseUnary(cursor, UNARY)
    // The minus of a literal belongs to it: -9223372036854775808 is one.
    if (operator === '-' && operand.kind === 'literal' && ['INT64', 'FLOAT64'].includes(operand.type))
      if (!operand.text.startsWith('-')) return { ...operand, at, text: `-${operand.text}` }
    return { kind: 'unary', at, operator, operand }
  }
  return parsePostfix(cursor, parsePrimary(cursor))
}

function parsePostfix(cursor: Cursor, start: Expression): Expression {
  let object = start
  while (true) {
    const { at } = cursor
    if (cursor.accept('.')) {
      if (cursor.is('*')) {
        cursor.index--
        return object
      }
      object = { kind: 'field', at, object, field: cursor.fieldName() }
      if (cursor.is('(')) object = parseCall(cursor, pathNames(object), start.at)
    } else if (cursor.accept('[')) {
      const mode = (['OFFSET', 'ORDINAL', 'SAFE_OFFSET', 'SAFE_ORDINAL'] as const).find(
        (word) => cursor.is(word) && cursor.peek().word === '(',
      )
      if (mode) cursor.take()
      const index = parseExpression(cursor)
      cursor.expect(']')
      object = { kind: 'index', at, object, index, mode: mode ?? 'PLAIN' }
    } else return object
  }
}

/** SAFE.LN, NET.HOST, `project.dataset`.function: the path in front of a call's parenthesis. */
function pathNames(path: Expression): { text: string; at: number }[] {
  if (path.kind === 'name') return path.name.split('.').map((text) => ({ text, at: path.at }))
  if (path.kind === 'field') return [...pathNames(path.object), path.field]
  throw invalid(path.at, 'Syntax error: Unexpected "("')
}

const literalPrefixes = new Set([
  'DATE',
  'DATETIME',
  'TIME',
  'TIMESTAMP',
  'NUMERIC',
  'DECIMAL',
  'BIGNUMERIC',
  'BIGDECIMAL',
  'JSON',
])

function parsePrimary(cursor: Cursor): Expression {
  const { token } = cursor
  const { at } = token
  const literal = parseLiteral(cursor)
  if (literal) return literal
  if (token.kind === 'parameter') {
    cursor.take()
    return { kind: 'parameter', at, name: token.text, position: 0 }
  }
  if (cursor.accept('?')) return { kind: 'parameter', at, name: null, position: cursor.positional++ }
  if (token.kind === 'system') {
    cursor.take()
    return { kind: 'system', at, name: token.text }
  }
  if (cursor.accept('(')) return parseParenthesis(cursor, at)
  if (cursor.is('[')) return { kind: 'array', at, element: null, items: parseArrayItems(cursor) }
  const special = parseFunctionLike(cursor)
  if (special) return special
  if (cursor.is('CASE')) return parseCase(cursor)
  if (cursor.is('INTERVAL')) return parseInterval(cursor)
  if (cursor.is('RANGE')) throw cursor.unsupported('RANGE')
  if (cursor.is('DEFAULT')) {
    cursor.take()
    return { kind: 'default', at }
  }
  if (token.kind === 'name' && reservedWords.has(token.word)) throw cursor.unexpected()
  const name = cursor.name()
  if (cursor.is('(')) {
    const path = token.kind === 'quotedName' ? name.text.split('.') : [name.text]
    return parseCall(
      cursor,
      path.map((text) => ({ text, at })),
      at,
    )
  }
  return { kind: 'name', at, name: name.text, quoted: token.kind === 'quotedName' }
}

function parseLiteral(cursor: Cursor): Expression | null {
  const { token } = cursor
  const { at } = token
  const types: Partial<Record<string, LiteralType>> = {
    string: 'STRING',
    bytes: 'BYTES',
    integer: 'INT64',
    float: 'FLOAT64',
  }
  const type = types[token.kind]
  if (type) {
    cursor.take()
    return { kind: 'literal', at, type, text: token.text }
  }
  if (cursor.is('NULL', 'TRUE', 'FALSE')) {
    const { word } = cursor.take()
    return { kind: 'literal', at, type: word === 'NULL' ? 'NULL' : 'BOOL', text: word }
  }
  if (token.kind === 'name' && literalPrefixes.has(token.word) && cursor.peek().kind === 'string') {
    cursor.take()
    const typed = token.word.replace('DECIMAL', 'NUMERIC') as LiteralType
    return { kind: 'literal', at, type: typed, text: cursor.take().text }
  }
  return null
}

function parseParenthesis(cursor: Cursor, at: number): Expression {
  if (startsQuery(cursor)) {
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { kind: 'subquery', at, form: 'scalar', query }
  }
  const first = parseExpression(cursor)
  if (!cursor.is(',')) {
    cursor.expect(')')
    return first
  }
  const items = [{ name: null, value: first }]
  while (cursor.accept(',')) items.push({ name: null, value: parseExpression(cursor) })
  cursor.expect(')')
  return { kind: 'struct', at, type: null, items }
}

function parseCase(cursor: Cursor): Expression {
  const { at } = cursor.take()
  const operand = cursor.is('WHEN') ? null : parseExpression(cursor)
  const whens: { when: Expression; then: Expression }[] = []
  while (cursor.accept('WHEN')) {
    const when = parseExpression(cursor)
    cursor.expect('THEN')
    whens.push({ when, then: parseExpression(cursor) })
  }
  if (whens.length === 0) throw cursor.unexpected('WHEN')
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : null
  cursor.expect('END')
  return { kind: 'case', at, operand, whens, otherwise }
}

function parseInterval(cursor: Cursor): Expression {
  const { at } = cursor.take()
  const value = parseExpression(cursor)
  const part = cursor.fieldName().text.toUpperCase()
  const to = cursor.accept('TO') ? cursor.fieldName().text.toUpperCase() : null
  return { kind: 'interval', at, value, part, to }
}

/** CAST and SAFE_CAST, after the name. */
export function parseCastArguments(cursor: Cursor, at: number, safe: boolean): Expression {
  cursor.expect('(')
  const operand = parseExpression(cursor)
  cursor.expect('AS')
  const type = parseType(cursor)
  const format = cursor.accept('FORMAT') ? parseExpression(cursor) : null
  const zone = cursor.accept('AT', 'TIME', 'ZONE') ? parseExpression(cursor) : null
  cursor.expect(')')
  return { kind: 'cast', at, safe, operand, type, format, zone }
}
