import { invalid } from '../problem.ts'
import type { Expression, Statement } from '../syntax.ts'
import { Cursor } from './cursor.ts'
import { parseAlter, parseCreate, parseDrop } from './ddl.ts'
import { parseDelete, parseInsert, parseMerge, parseTruncate, parseUpdate } from './dml.ts'
import { parseExpression } from './expression.ts'
import { parseTablePath } from './path.ts'
import { parseQuery, startsQuery } from './query.ts'
import { parseType } from './type.ts'

/** All statements of a request: one, or a script. Throws SqlProblem. */
export function parseScript(source: string): Statement[] {
  const cursor = new Cursor(source)
  const statements = parseStatements(cursor, [])
  if (cursor.token.kind !== 'end') throw cursor.unexpected()
  if (statements.length === 0) throw invalid(0, 'Syntax error: Unexpected end of script')
  return statements
}

/** Statements up to one of `ends` (or the end of the source), each but the last followed by a semicolon. */
function parseStatements(cursor: Cursor, ends: readonly string[]): Statement[] {
  const statements: Statement[] = []
  while (true) {
    while (cursor.accept(';'));
    if (cursor.token.kind === 'end' || cursor.is(...ends)) return statements
    if (cursor.is('DECLARE') && statements.some((statement) => statement.kind !== 'declare'))
      throw invalid(cursor.at, 'Variable declarations are allowed only at the start of a block or script')
    statements.push(parseStatement(cursor))
    if (cursor.is(';')) continue
    const { kind } = cursor.peek(0)
    if (kind !== 'end' || ends.length > 0)
      throw cursor.unexpected(kind === 'end' ? ends[0] : ends.length > 0 ? ';' : 'end of input')
    return statements
  }
}

type Parser = (cursor: Cursor, at: number) => Unfinished
/** A statement whose end is not known yet. */
export type Unfinished = Statement extends infer S ? (S extends Statement ? Omit<S, 'end'> : never) : never

const parsers: Readonly<Record<string, Parser>> = {
  INSERT: parseInsert,
  UPDATE: parseUpdate,
  DELETE: parseDelete,
  TRUNCATE: parseTruncate,
  MERGE: parseMerge,
  CREATE: parseCreate,
  ALTER: parseAlter,
  DROP: parseDrop,
  CALL: parseCallStatement,
  DECLARE: parseDeclare,
  SET: parseSet,
  IF: parseIf,
  CASE: parseCase,
  BEGIN: parseBegin,
  COMMIT: parseCommit,
  ROLLBACK: parseCommit,
  RAISE: parseRaise,
  ASSERT: parseAssert,
  RETURN: (cursor, at) => (cursor.take(), { kind: 'return', at }),
}

const refused = new Set([
  'EXECUTE',
  'LOOP',
  'WHILE',
  'REPEAT',
  'FOR',
  'EXPORT',
  'LOAD',
  'GRANT',
  'UNDROP',
  'REVOKE',
  'LEAVE',
  'BREAK',
  'ITERATE',
  'CONTINUE',
  'EXPLAIN',
])

function parseStatement(cursor: Cursor): Statement {
  const { at, token } = cursor
  if (startsQuery(cursor)) return { kind: 'query', at, query: parseQuery(cursor), end: cursor.lastEnd }
  const parser = token.kind === 'name' && Object.hasOwn(parsers, token.word) ? parsers[token.word] : undefined
  if (!parser) {
    if (refused.has(token.word)) throw cursor.unsupported(`${token.word} statement`)
    throw cursor.unexpected()
  }
  return { ...parser(cursor, at), end: cursor.lastEnd }
}

function parseCallStatement(cursor: Cursor, at: number): Unfinished {
  cursor.expect('CALL')
  const path = parseTablePath(cursor)
  cursor.expect('(')
  const args = cursor.is(')') ? [] : cursor.list(() => parseExpression(cursor))
  cursor.expect(')')
  return { kind: 'call', at, path, arguments: args }
}

function parseDeclare(cursor: Cursor, at: number): Unfinished {
  cursor.expect('DECLARE')
  const names = cursor.list(() => cursor.name())
  const type = cursor.is('DEFAULT') ? null : parseType(cursor)
  const value = cursor.accept('DEFAULT') ? parseExpression(cursor) : null
  return { kind: 'declare', at, names, type, default: value }
}

function parseSet(cursor: Cursor, at: number): Unfinished {
  cursor.expect('SET')
  if (cursor.token.kind === 'system') {
    const name = cursor.take().text
    cursor.expect('=')
    return { kind: 'setSystem', at, name, value: parseExpression(cursor) }
  }
  if (!cursor.accept('(')) {
    const names = [cursor.name()]
    cursor.expect('=')
    return { kind: 'set', at, names, list: false, value: parseExpression(cursor) }
  }
  const names = cursor.list(() => cursor.name())
  cursor.expect(')', '=')
  return { kind: 'set', at, names, list: true, value: parseExpression(cursor) }
}

function parseIf(cursor: Cursor, at: number): Unfinished {
  const branches: { condition: ReturnType<typeof parseExpression>; body: Statement[] }[] = []
  cursor.expect('IF')
  do {
    const condition = parseExpression(cursor)
    cursor.expect('THEN')
    branches.push({ condition, body: parseStatements(cursor, ['ELSEIF', 'ELSE', 'END']) })
  } while (cursor.accept('ELSEIF'))
  const otherwise = cursor.accept('ELSE') ? parseStatements(cursor, ['END']) : []
  cursor.expect('END', 'IF')
  return { kind: 'if', at, branches, otherwise }
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language#case */
function parseCase(cursor: Cursor, at: number): Unfinished {
  cursor.expect('CASE')
  const operand = cursor.is('WHEN') ? null : parseExpression(cursor)
  const branches: { condition: Expression; body: Statement[] }[] = []
  while (cursor.accept('WHEN')) {
    const value = parseExpression(cursor)
    const condition: Expression = operand
      ? { kind: 'binary', at: value.at, operator: '=', left: operand, right: value }
      : value
    cursor.expect('THEN')
    branches.push({ condition, body: parseStatements(cursor, ['WHEN', 'ELSE', 'END']) })
  }
  if (branches.length === 0) throw cursor.unexpected('WHEN')
  const otherwise = cursor.accept('ELSE') ? parseStatements(cursor, ['END']) : null
  cursor.expect('END', 'CASE')
  return { kind: 'case', at, branches, otherwise }
}

function parseBegin(cursor: Cursor, at: number): Unfinished {
  cursor.expect('BEGIN')
  if (cursor.accept('TRANSACTION') || cursor.is(';') || cursor.token.kind === 'end')
    return { kind: 'transaction', at, action: 'BEGIN' }
  return parseBlock(cursor, at)
}

/** The statements of BEGIN … END, after BEGIN. */
export function parseBlock(cursor: Cursor, at: number): Unfinished & { kind: 'block' } {
  const body = parseStatements(cursor, ['EXCEPTION', 'END'])
  let handler: Statement[] | null = null
  if (cursor.accept('EXCEPTION')) {
    cursor.expect('WHEN', 'ERROR', 'THEN')
    handler = parseStatements(cursor, ['END'])
  }
  cursor.expect('END')
  return { kind: 'block', at, body, handler }
}

function parseCommit(cursor: Cursor, at: number): Unfinished {
  const action = cursor.take().word as 'COMMIT' | 'ROLLBACK'
  cursor.accept('TRANSACTION')
  return { kind: 'transaction', at, action }
}

function parseRaise(cursor: Cursor, at: number): Unfinished {
  cursor.expect('RAISE')
  if (!cursor.accept('USING')) return { kind: 'raise', at, message: null }
  cursor.expect('MESSAGE', '=')
  return { kind: 'raise', at, message: parseExpression(cursor) }
}

function parseAssert(cursor: Cursor, at: number): Unfinished {
  cursor.expect('ASSERT')
  const condition = parseExpression(cursor)
  return { kind: 'assert', at, condition, message: cursor.accept('AS') ? parseExpression(cursor) : null }
}
