import type {
  CommonTable,
  Expression,
  GroupBy,
  Name,
  Query,
  QueryBody,
  Select,
  SelectItem,
} from '../syntax.ts'
import { parseOrderItem, parseWindowReference } from './call.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseFrom } from './from.ts'

/** Whether a query comes next, possibly in parentheses. */
export function startsQuery(cursor: Cursor): boolean {
  let ahead = 0
  while (cursor.peek(ahead).word === '(') ahead++
  return ['SELECT', 'WITH'].includes(cursor.peek(ahead).word) && (ahead === 0 || closesAsQuery(cursor, ahead))
}

/** Of `((SELECT 1) + 1)`, the parenthesis is an expression: what follows the inner query tells. */
function closesAsQuery(cursor: Cursor, depth: number): boolean {
  let open = depth
  let ahead = depth
  while (open > 0) {
    const { word, kind } = cursor.peek(ahead++)
    if (kind === 'end') return true
    if (word === '(') open++
    if (word === ')') {
      open--
      const next = cursor.peek(ahead).word
      if (open > 0 && open < depth && !isQueryContinuation(next)) return false
      if (open === 0)
        return next === ')' || isQueryContinuation(next) || cursor.peek(ahead).kind === 'end' || next === ';'
    }
  }
  return true
}

function isQueryContinuation(word: string): boolean {
  return [')', 'UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT'].includes(word)
}

export function parseQuery(cursor: Cursor): Query {
  const { at } = cursor
  if (cursor.is('FROM')) throw cursor.unsupported('pipe syntax')
  const recursive = cursor.is('WITH') && cursor.peek().word === 'RECURSIVE'
  const common: CommonTable[] = []
  if (cursor.accept('WITH')) {
    cursor.accept('RECURSIVE')
    common.push(...cursor.list(() => parseCommonTable(cursor)))
  }
  const body = parseBody(cursor)
  const orderBy = cursor.accept('ORDER', 'BY') ? cursor.list(() => parseOrderItem(cursor)) : []
  let limit: Expression | null = null
  let offset: Expression | null = null
  if (cursor.accept('LIMIT')) {
    limit = parseExpression(cursor)
    if (cursor.accept('OFFSET')) offset = parseExpression(cursor)
  }
  if (cursor.is('|>')) throw cursor.unsupported('pipe syntax')
  return { at, recursive, with: common, body, orderBy, limit, offset }
}

function parseCommonTable(cursor: Cursor): CommonTable {
  const name = cursor.name()
  cursor.expect('AS', '(')
  const query = parseQuery(cursor)
  cursor.expect(')')
  return { name, query }
}

/** Set operations of one kind may be chained; different kinds need parentheses. */
function parseBody(cursor: Cursor): QueryBody {
  const { at } = cursor
  const first = parseOperand(cursor)
  if (!cursor.is('UNION', 'INTERSECT', 'EXCEPT')) return first
  const inputs = [first]
  let kind: { operator: 'UNION' | 'INTERSECT' | 'EXCEPT'; all: boolean } | null = null
  while (cursor.is('UNION', 'INTERSECT', 'EXCEPT')) {
    const token = cursor.take()
    const operator = token.word as 'UNION' | 'INTERSECT' | 'EXCEPT'
    const all = cursor.accept('ALL')
    if (!all) {
      if (!cursor.is('DISTINCT')) throw cursor.unexpected('ALL or keyword DISTINCT')
      cursor.take()
    }
    if (all && operator !== 'UNION') throw cursor.unexpected('DISTINCT')
    if (kind && (kind.operator !== operator || kind.all !== all)) throw mixed(cursor)
    if (kind && operator === 'EXCEPT') throw mixed(cursor)
    kind = { operator, all }
    if (cursor.is('BY', 'CORRESPONDING', 'STRICT')) throw cursor.unsupported('set operation by name')
    inputs.push(parseOperand(cursor))
  }
  return { kind: 'set', at, ...kind!, inputs }
}

function mixed(cursor: Cursor): Error {
  cursor.index--
  return cursor.unexpected('different set operations cannot be used in the same query without parentheses;')
}

function parseOperand(cursor: Cursor): QueryBody {
  const { at } = cursor
  if (cursor.accept('(')) {
    const query = parseQuery(cursor)
    cursor.expect(')')
    return { kind: 'query', at, query }
  }
  return parseSelect(cursor)
}

function parseSelect(cursor: Cursor): Select {
  const { at } = cursor
  cursor.expect('SELECT')
  const distinct = cursor.accept('DISTINCT') || (cursor.accept('ALL'), false)
  const as = cursor.accept('AS', 'STRUCT') ? 'STRUCT' : cursor.accept('AS', 'VALUE') ? 'VALUE' : null
  if (cursor.is('WITH')) throw cursor.unsupported('SELECT WITH')
  const items = [parseSelectItem(cursor)]
  while (cursor.accept(',')) {
    if (cursor.is('FROM', ')', ';') || cursor.token.kind === 'end') break
    items.push(parseSelectItem(cursor))
  }
  const from = cursor.accept('FROM') ? parseFrom(cursor) : null
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : null
  const groupBy = cursor.is('GROUP') ? parseGroupBy(cursor) : null
  const having = cursor.accept('HAVING') ? parseExpression(cursor) : null
  const qualify = cursor.accept('QUALIFY') ? parseExpression(cursor) : null
  const windows = cursor.accept('WINDOW')
    ? cursor.list(() => {
        const name = cursor.name()
        cursor.expect('AS')
        return { name, reference: parseWindowReference(cursor) }
      })
    : []
  return { kind: 'select', at, distinct, as, items, from, where, groupBy, having, qualify, windows }
}

export function parseSelectItem(cursor: Cursor): SelectItem {
  const { at } = cursor
  if (cursor.accept('*')) return { kind: 'star', at, object: null, ...parseStarModifiers(cursor) }
  const value = parseExpression(cursor)
  if (cursor.accept('.', '*')) return { kind: 'star', at, object: value, ...parseStarModifiers(cursor) }
  return { kind: 'expression', at, value, alias: parseAlias(cursor) }
}

function parseStarModifiers(cursor: Cursor): {
  except: Name[]
  replace: { value: Expression; alias: Name }[]
} {
  const except: Name[] = []
  const replace: { value: Expression; alias: Name }[] = []
  if (cursor.is('EXCEPT') && cursor.peek().word === '(') {
    cursor.expect('EXCEPT', '(')
    except.push(...cursor.list(() => cursor.name()))
    cursor.expect(')')
  }
  if (cursor.accept('REPLACE')) {
    cursor.expect('(')
    replace.push(
      ...cursor.list(() => {
        const value = parseExpression(cursor)
        cursor.accept('AS')
        return { value, alias: cursor.name() }
      }),
    )
    cursor.expect(')')
  }
  return { except, replace }
}

export function parseAlias(cursor: Cursor): Name | null {
  if (cursor.accept('AS')) return cursor.name()
  return cursor.isName() ? cursor.name() : null
}

function parseGroupBy(cursor: Cursor): GroupBy {
  const { at } = cursor
  cursor.expect('GROUP', 'BY')
  if (cursor.accept('ALL')) return { kind: 'all', at }
  for (const kind of ['ROLLUP', 'CUBE'] as const) {
    if (!(cursor.is(kind) && cursor.peek().word === '(')) continue
    cursor.expect(kind, '(')
    const items = cursor.list(() => parseGroupingSet(cursor))
    cursor.expect(')')
    return { kind: kind === 'ROLLUP' ? 'rollup' : 'cube', at, items }
  }
  if (cursor.accept('GROUPING', 'SETS')) {
    cursor.expect('(')
    if (cursor.is('ROLLUP', 'CUBE')) throw cursor.unsupported('ROLLUP within GROUPING SETS')
    const sets = cursor.list(() => parseGroupingSet(cursor))
    cursor.expect(')')
    return { kind: 'sets', at, sets }
  }
  const items = cursor.list(() => {
    if (cursor.is('ROLLUP', 'CUBE', 'GROUPING')) throw cursor.unsupported('ROLLUP beside other grouping keys')
    return parseExpression(cursor)
  })
  return { kind: 'plain', at, items }
}

function parseGroupingSet(cursor: Cursor): Expression[] {
  if (!cursor.accept('(')) return [parseExpression(cursor)]
  if (cursor.accept(')')) return []
  const items = cursor.list(() => parseExpression(cursor))
  cursor.expect(')')
  return items
}
