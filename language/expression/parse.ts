import { binaryLevel, isBinaryOperator, keyword, level } from './precedence.ts'
import { ExpressionSyntaxError } from './syntax-error.ts'
import type { BinaryOperator, Expression } from './syntax.ts'
import { integerOutOfRange, tokenize, type Token } from './tokens.ts'

/**
 * Parses the text between `${` and `}`. Throws `ExpressionSyntaxError`.
 *
 * The grammar has no map literals, no conditional operator and no `not in`; operators of one level associate
 * to the left. https://cloud.google.com/workflows/docs/reference/syntax/expressions
 */
export function parseExpression(source: string): Expression {
  const cursor: Cursor = { tokens: tokenize(source), at: 0 }
  const expression = parseBinary(cursor, level.or)
  const rest = peek(cursor)
  if (rest.kind !== 'end') throw unexpected(rest)
  return expression
}

interface Cursor {
  readonly tokens: readonly Token[]
  at: number
}

function parseBinary(cursor: Cursor, loosest: number): Expression {
  const offset = peek(cursor).offset
  let left = parseUnary(cursor)
  for (;;) {
    const operator = binaryOperator(peek(cursor))
    if (operator === undefined || binaryLevel(operator) < loosest) return left
    cursor.at++
    const right = parseBinary(cursor, binaryLevel(operator) + 1)
    left = { kind: 'binary', operator, left, right, offset }
  }
}

function parseUnary(cursor: Cursor): Expression {
  const token = peek(cursor)
  if (!isSymbol(token, '-')) return parseNot(cursor)
  cursor.at++
  return parseNegativeNumber(cursor, token.offset) ?? minus(parseUnary(cursor), token.offset)
}

function minus(operand: Expression, offset: number): Expression {
  return { kind: 'unary', operator: '-', operand, offset }
}

/** `-5` is one literal, so that the smallest 64-bit integer can be written. */
function parseNegativeNumber(cursor: Cursor, offset: number): Expression | undefined {
  const token = peek(cursor)
  if (token.kind !== 'integer' && token.kind !== 'double') return undefined
  const next = cursor.tokens[cursor.at + 1]
  if (next !== undefined && (isSymbol(next, '.') || isSymbol(next, '[') || isSymbol(next, '(')))
    return undefined
  cursor.at++
  return { kind: 'literal', value: -token.value, offset }
}

function parseNot(cursor: Cursor): Expression {
  const token = peek(cursor)
  if (token.kind !== 'word' || keyword(token.text) !== 'not') return parsePostfix(cursor)
  cursor.at++
  return { kind: 'unary', operator: 'not', operand: parseNot(cursor), offset: token.offset }
}

function parsePostfix(cursor: Cursor): Expression {
  const offset = peek(cursor).offset
  let target = parsePrimary(cursor)
  for (;;) {
    const token = peek(cursor)
    if (isSymbol(token, '.')) {
      cursor.at++
      const name = take(cursor)
      if (name.kind !== 'word') throw new ExpressionSyntaxError('expected a name after "."', name.offset)
      target = { kind: 'member', target, name: name.text, offset }
    } else if (isSymbol(token, '[')) {
      cursor.at++
      const index = parseBinary(cursor, level.or)
      expectSymbol(cursor, ']')
      target = { kind: 'index', target, index, offset }
    } else if (isSymbol(token, '(')) {
      if (!isFunctionName(target))
        throw new ExpressionSyntaxError('only a function can be called', token.offset)
      cursor.at++
      target = { kind: 'call', callee: target, args: parseItems(cursor, ')'), offset }
    } else {
      return target
    }
  }
}

function isFunctionName(expression: Expression): boolean {
  let part = expression
  while (part.kind === 'member') part = part.target
  return part.kind === 'name'
}

function parsePrimary(cursor: Cursor): Expression {
  const token = take(cursor)
  const offset = token.offset
  switch (token.kind) {
    case 'integer':
      if (token.value === 1n << 63n) throw integerOutOfRange(offset)
      return { kind: 'literal', value: token.value, offset }
    case 'double':
    case 'string':
      return { kind: 'literal', value: token.value, offset }
    case 'word':
      return parseWord(token.text, token)
    case 'symbol':
      if (token.text === '[') return { kind: 'list', items: parseItems(cursor, ']'), offset }
      if (token.text === '(') {
        const inner = parseBinary(cursor, level.or)
        expectSymbol(cursor, ')')
        return inner
      }
      throw unexpected(token)
    case 'end':
      throw unexpected(token)
  }
}

function parseWord(name: string, token: Token): Expression {
  const offset = token.offset
  switch (keyword(name)) {
    case undefined:
      return { kind: 'name', name, offset }
    case 'true':
      return { kind: 'literal', value: true, offset }
    case 'false':
      return { kind: 'literal', value: false, offset }
    case 'null':
      return { kind: 'literal', value: null, offset }
    default:
      throw unexpected(token)
  }
}

function parseItems(cursor: Cursor, close: ')' | ']'): Expression[] {
  const items: Expression[] = []
  if (isSymbol(peek(cursor), close)) {
    cursor.at++
    return items
  }
  for (;;) {
    items.push(parseBinary(cursor, level.or))
    const token = peek(cursor)
    if (!isSymbol(token, ',')) break
    cursor.at++
  }
  expectSymbol(cursor, close)
  return items
}

function binaryOperator(token: Token): BinaryOperator | undefined {
  const text = token.kind === 'symbol' ? token.text : token.kind === 'word' ? keyword(token.text) : undefined
  return text !== undefined && isBinaryOperator(text) ? text : undefined
}

function peek(cursor: Cursor): Token {
  const token = cursor.tokens[cursor.at]
  if (token === undefined) throw new Error('read past the end of the tokens')
  return token
}

function take(cursor: Cursor): Token {
  const token = peek(cursor)
  if (token.kind !== 'end') cursor.at++
  return token
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text
}

function expectSymbol(cursor: Cursor, text: string): void {
  const token = take(cursor)
  if (!isSymbol(token, text)) {
    throw new ExpressionSyntaxError(`expected "${text}", got ${describe(token)}`, token.offset)
  }
}

function unexpected(token: Token): ExpressionSyntaxError {
  return new ExpressionSyntaxError(`unexpected ${describe(token)}`, token.offset)
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of expression'
    case 'string':
      return 'string'
    case 'integer':
    case 'double':
      return 'number'
    default:
      return `"${token.text}"`
  }
}
