import type {
  Argument,
  Call,
  Expression,
  Frame,
  FrameBound,
  Name,
  OrderItem,
  WindowReference,
  WindowSpecification,
} from '../syntax.ts'
import { invalid, unsupported } from '../problem.ts'
import type { Cursor } from './cursor.ts'
import { parseCastArguments, parseExpression } from './expression.ts'
import { parseQuery, startsQuery } from './query.ts'
import { parseType } from './type.ts'

/** Forms that start with a word and look like calls, but have syntax of their own; null if none comes next. */
export function parseFunctionLike(cursor: Cursor): Expression | null {
  const { at } = cursor
  const call = cursor.peek().word === '('
  if (cursor.is('CAST', 'SAFE_CAST') && call) {
    const safe = cursor.take().word === 'SAFE_CAST'
    return parseCastArguments(cursor, at, safe)
  }
  if (cursor.is('EXTRACT') && call) return parseExtract(cursor)
  if (cursor.is('EXISTS') && call) {
    cursor.expect('EXISTS', '(')
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { kind: 'subquery', at, form: 'exists', query }
  }
  if (cursor.is('WITH') && call) return parseWith(cursor)
  if (cursor.is('ARRAY')) return parseArray(cursor)
  if (cursor.is('STRUCT')) return parseStruct(cursor)
  // Reserved words that are functions too.
  if (cursor.is('IF', 'LEFT', 'RIGHT', 'GROUPING') && call) {
    const { text } = cursor.take()
    return parseCall(cursor, [{ text, at }], at)
  }
  return null
}

function parseExtract(cursor: Cursor): Expression {
  const { at } = cursor.take()
  cursor.expect('(')
  const part = parseExpression(cursor)
  cursor.expect('FROM')
  const operand = parseExpression(cursor)
  const zone = cursor.accept('AT', 'TIME', 'ZONE') ? parseExpression(cursor) : null
  cursor.expect(')')
  return { kind: 'extract', at, part, operand, zone }
}

/** WITH(a AS 1, b AS a + 1, a * b): each name stands for its expression. */
function parseWith(cursor: Cursor): Expression {
  cursor.expect('WITH', '(')
  const names = new Map<string, Expression>()
  while (cursor.isName() && cursor.peek().word === 'AS') {
    const { text, at } = cursor.name()
    cursor.expect('AS')
    const value = replaceNames(parseExpression(cursor), names)
    if (isVolatile(value)) throw unsupported(at, 'WITH of a volatile expression')
    if (names.has(text.toLowerCase())) throw invalid(at, `Duplicate variable name ${text} in WITH`)
    names.set(text.toLowerCase(), value)
    cursor.expect(',')
  }
  const result = replaceNames(parseExpression(cursor), names)
  cursor.expect(')')
  return result
}

function replaceNames(expression: Expression, names: ReadonlyMap<string, Expression>): Expression {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const node = value as Expression
    if (node.kind === 'name') return names.get(node.name.toLowerCase()) ?? node
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]))
  }
  return names.size === 0 ? expression : (walk(expression) as Expression)
}

function isVolatile(expression: Expression): boolean {
  return /"text":"(?:rand|generate_uuid)"/i.test(JSON.stringify(expression))
}

function parseArray(cursor: Cursor): Expression {
  const { at } = cursor
  if (cursor.accept('ARRAY', '(')) {
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { kind: 'subquery', at, form: 'array', query }
  }
  const type = cursor.peek().word === '<' ? parseType(cursor) : (cursor.take(), null)
  const element = type?.kind === 'array' ? type.element : null
  return { kind: 'array', at, element, items: parseArrayItems(cursor) }
}

export function parseArrayItems(cursor: Cursor): Expression[] {
  cursor.expect('[')
  if (cursor.accept(']')) return []
  const items = cursor.list(() => parseExpression(cursor))
  cursor.expect(']')
  return items
}

function parseStruct(cursor: Cursor): Expression {
  const { at } = cursor
  const type = cursor.peek().word === '<' ? parseType(cursor) : (cursor.take(), null)
  cursor.expect('(')
  const items: { name: string | null; value: Expression }[] = []
  if (!cursor.is(')')) {
    do {
      const value = parseExpression(cursor)
      items.push({ name: cursor.accept('AS') ? cursor.name().text : null, value })
    } while (cursor.accept(','))
  }
  cursor.expect(')')
  return { kind: 'struct', at, type, items }
}

/** The arguments of a call and what may follow them. The name has been read. */
export function parseCall(cursor: Cursor, path: readonly Name[], at: number): Call & { at: number } {
  const safe = path.length > 1 && path[0]!.text.toUpperCase() === 'SAFE'
  const name = safe ? path.slice(1) : path
  cursor.expect('(')
  const star = cursor.is('*') && cursor.peek().word === ')' && cursor.accept('*')
  const distinct = cursor.accept('DISTINCT')
  const args: Argument[] = []
  const ends = [')', 'ORDER', 'LIMIT', 'IGNORE', 'RESPECT', 'HAVING']
  if (!star && !cursor.is(...ends)) {
    do args.push(parseArgument(cursor))
    while (cursor.accept(','))
  }
  // Within the parentheses only: after them it would take what belongs to the call around this one.
  const nulls = parseNulls(cursor)
  const having = parseHaving(cursor)
  const orderBy = cursor.accept('ORDER', 'BY') ? cursor.list(() => parseOrderItem(cursor)) : []
  const limit = cursor.accept('LIMIT') ? parseExpression(cursor) : null
  cursor.expect(')')
  if (cursor.is('WITHIN')) throw cursor.unsupported('WITHIN GROUP')
  const over = cursor.accept('OVER') ? parseWindowReference(cursor) : null
  return {
    kind: 'call',
    at,
    name,
    safe,
    star,
    arguments: args,
    distinct,
    nulls,
    having,
    orderBy,
    limit,
    over,
  }
}

function parseArgument(cursor: Cursor): Argument {
  const { at } = cursor
  if (cursor.peek().word === '=>') {
    const name = cursor.name().text
    cursor.expect('=>')
    return { at, name, value: parseExpression(cursor) }
  }
  if (startsQuery(cursor) && !cursor.is('(')) throw cursor.unexpected()
  const value = parseExpression(cursor)
  if (cursor.is('->')) throw cursor.unsupported('lambda')
  return { at, name: cursor.accept('AS') ? cursor.name().text : null, value }
}

function parseNulls(cursor: Cursor): 'IGNORE' | 'RESPECT' | null {
  if (cursor.accept('IGNORE', 'NULLS')) return 'IGNORE'
  return cursor.accept('RESPECT', 'NULLS') ? 'RESPECT' : null
}

function parseHaving(cursor: Cursor): Call['having'] {
  if (!cursor.accept('HAVING')) return null
  const kind = cursor.accept('MAX') ? 'MAX' : 'MIN'
  if (kind === 'MIN') cursor.expect('MIN')
  return { kind, value: parseExpression(cursor) }
}

export function parseOrderItem(cursor: Cursor): OrderItem {
  const { at } = cursor
  const value = parseExpression(cursor)
  if (cursor.is('COLLATE')) throw cursor.unsupported('COLLATE')
  const descending = cursor.accept('DESC') || (cursor.accept('ASC'), false)
  const nulls = cursor.accept('NULLS', 'FIRST') ? 'FIRST' : cursor.accept('NULLS', 'LAST') ? 'LAST' : null
  return { at, value, descending, nulls }
}

export function parseWindowReference(cursor: Cursor): WindowReference {
  const { at } = cursor
  if (!cursor.is('(')) return { kind: 'named', at, name: cursor.name().text }
  return { kind: 'inline', at, window: parseWindow(cursor) }
}

function parseWindow(cursor: Cursor): WindowSpecification {
  const { at } = cursor
  cursor.expect('(')
  const base = cursor.isName() && !cursor.sees('ROWS') ? cursor.name().text : null
  const partitionBy = cursor.accept('PARTITION', 'BY') ? cursor.list(() => parseExpression(cursor)) : []
  const orderBy = cursor.accept('ORDER', 'BY') ? cursor.list(() => parseOrderItem(cursor)) : []
  const frame = cursor.is('ROWS', 'RANGE') ? parseFrame(cursor) : null
  cursor.expect(')')
  return { at, base, partitionBy, orderBy, frame }
}

function parseFrame(cursor: Cursor): Frame {
  const { at, word } = cursor.take()
  const unit = word as 'ROWS' | 'RANGE'
  if (!cursor.accept('BETWEEN')) return { at, unit, start: parseBound(cursor), end: { kind: 'CURRENT ROW' } }
  const start = parseBound(cursor)
  cursor.expect('AND')
  return { at, unit, start, end: parseBound(cursor) }
}

function parseBound(cursor: Cursor): FrameBound {
  if (cursor.accept('UNBOUNDED', 'PRECEDING')) return { kind: 'UNBOUNDED PRECEDING' }
  if (cursor.accept('UNBOUNDED', 'FOLLOWING')) return { kind: 'UNBOUNDED FOLLOWING' }
  if (cursor.accept('CURRENT', 'ROW')) return { kind: 'CURRENT ROW' }
  const offset = parseExpression(cursor)
  if (cursor.accept('PRECEDING')) return { kind: 'PRECEDING', offset }
  cursor.expect('FOLLOWING')
  return { kind: 'FOLLOWING', offset }
}
