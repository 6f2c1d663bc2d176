import type {
  CommonTable,
  Depth,
  Expression,
  From,
  GroupBy,
  GroupingSet,
  Name,
  NameMatching,
  Query,
  QueryBody,
  Select,
  SelectItem,
} from '../syntax.ts'
import { invalid } from '../problem.ts'
import { parseOrderItem, parseWindowReference } from './call.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseFrom } from './from.ts'
import { parsePipes } from './pipe.ts'

/** Whether a query comes next, possibly in parentheses. */
export function startsQuery(cursor: Cursor): boolean {
  let ahead = 0
  while (cursor.peek(ahead).word === '(') ahead++
  const { word } = cursor.peek(ahead)
  const starts =
    word === 'SELECT' || (word === 'WITH' && cursor.peek(ahead + 1).word !== '(') || word === 'FROM'
  return starts && (ahead === 0 || closesAsQuery(cursor, ahead))
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
  return [')', 'UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT', 'FULL', 'LEFT', 'INNER', '|>'].includes(word)
}

export function parseQuery(cursor: Cursor): Query {
  const { at } = cursor
  const recursive = cursor.is('WITH') && cursor.peek().word === 'RECURSIVE'
  const common: CommonTable[] = []
  if (cursor.accept('WITH')) {
    cursor.accept('RECURSIVE')
    common.push(...cursor.list(() => parseCommonTable(cursor)))
  }
  const query = cursor.is('FROM') ? parseFromQuery(cursor) : parseOrdered(cursor)
  return parsePipes(cursor, { ...query, at, recursive, with: common })
}

/** `FROM t |> …`, or FROM alone, which is all of it. */
function parseFromQuery(cursor: Cursor): Query {
  const { at } = cursor.take()
  return selectAll(at, parseFrom(cursor))
}

function parseOrdered(cursor: Cursor): Query {
  const { at } = cursor
  const body = parseBody(cursor)
  const orderBy = cursor.accept('ORDER', 'BY') ? cursor.list(() => parseOrderItem(cursor)) : []
  let limit: Expression | null = null
  let offset: Expression | null = null
  if (cursor.accept('LIMIT')) {
    limit = parseExpression(cursor)
    if (cursor.accept('OFFSET')) offset = parseExpression(cursor)
  }
  return { at, recursive: false, with: [], body, orderBy, limit, offset }
}

export function parseCommonTable(cursor: Cursor): CommonTable {
  const name = cursor.name()
  cursor.expect('AS', '(')
  const query = parseQuery(cursor)
  cursor.expect(')')
  return { name, query, depth: cursor.accept('WITH', 'DEPTH') ? parseDepth(cursor) : null }
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#recursive_cte */
function parseDepth(cursor: Cursor): Depth {
  const alias = cursor.accept('AS')
    ? cursor.name().text
    : cursor.isName() && !cursor.is('MAX')
      ? cursor.name().text
      : 'depth'
  const bound = (): number => {
    if (cursor.token.kind !== 'integer') throw cursor.unexpected('integer literal')
    return Number(cursor.take().text)
  }
  if (cursor.accept('MAX')) return { alias, least: 0, most: bound() }
  if (!cursor.accept('BETWEEN')) return { alias, least: 0, most: null }
  const least = cursor.accept('UNBOUNDED') ? 0 : bound()
  cursor.expect('AND')
  return { alias, least, most: cursor.accept('UNBOUNDED') ? null : bound() }
}

/** Set operations of one kind may be chained; different kinds need parentheses. */
function parseBody(cursor: Cursor): QueryBody {
  const { at } = cursor
  const first = parseOperand(cursor)
  const inputs = [first]
  let kind: SetOperation | null = null
  for (let next = parseSetOperator(cursor); next; next = parseSetOperator(cursor)) {
    if (kind && JSON.stringify(withoutPlaces(kind)) !== JSON.stringify(withoutPlaces(next)))
      throw mixed(cursor)
    if (kind && next.operator === 'EXCEPT') throw mixed(cursor)
    kind = next
    inputs.push(parseOperand(cursor))
  }
  return kind ? { kind: 'set', at, ...kind, inputs } : first
}

interface SetOperation {
  readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT'
  readonly all: boolean
  readonly byName: NameMatching | null
}

function withoutPlaces({ operator, all, byName }: SetOperation): unknown {
  return [operator, all, byName?.mode, byName?.columns?.map((name) => name.text.toLowerCase())]
}

const setWords = ['UNION', 'INTERSECT', 'EXCEPT']

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#set_operators */
function parseSetOperator(cursor: Cursor): SetOperation | null {
  const outer = cursor.peek().word === 'OUTER' ? 1 : 0
  const mode = (['FULL', 'LEFT', 'INNER'] as const).find((word) => cursor.is(word))
  if (!cursor.is(...setWords) && !(mode && setWords.includes(cursor.peek(1 + outer).word))) return null
  if (mode) for (let i = 0; i <= outer; i++) cursor.take()
  const token = cursor.take()
  const operator = token.word as SetOperation['operator']
  const all = cursor.accept('ALL')
  if (!all) {
    if (!cursor.is('DISTINCT')) throw cursor.unexpected('ALL or keyword DISTINCT')
    cursor.take()
  }
  if (all && operator !== 'UNION') throw cursor.unexpected('DISTINCT')
  const strict = cursor.accept('STRICT')
  const columns = (word: string): Name[] | null => {
    if (!cursor.accept(word)) return null
    cursor.expect('(')
    const names = cursor.list(() => cursor.name())
    cursor.expect(')')
    return names
  }
  if (cursor.accept('BY', 'NAME'))
    return { operator, all, byName: { mode: mode ?? 'STRICT', columns: columns('ON') } }
  if (cursor.accept('CORRESPONDING'))
    return { operator, all, byName: { mode: mode ?? (strict ? 'STRICT' : 'INNER'), columns: columns('BY') } }
  if (mode || strict) throw cursor.unexpected('BY NAME or keyword CORRESPONDING')
  return { operator, all, byName: null }
}

function mixed(cursor: Cursor): Error {
  cursor.index--
  return invalid(
    cursor.at,
    'Syntax error: Different set operations cannot be used in the same query without using parentheses for grouping',
  )
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
  const head = parseSelectList(cursor)
  const from = cursor.accept('FROM') ? parseFrom(cursor) : null
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : null
  const groupBy = cursor.is('GROUP') ? parseGroupBy(cursor) : null
  const having = cursor.accept('HAVING') ? parseExpression(cursor) : null
  const qualify = cursor.accept('QUALIFY') ? parseExpression(cursor) : null
  return { ...head, from, where, groupBy, having, qualify, windows: parseWindows(cursor) }
}

/** SELECT and its list, without what follows. */
export function parseSelectList(cursor: Cursor): Select {
  const { at } = cursor
  cursor.expect('SELECT')
  const distinct = cursor.accept('DISTINCT') || (cursor.accept('ALL'), false)
  const as = cursor.accept('AS', 'STRUCT') ? 'STRUCT' : cursor.accept('AS', 'VALUE') ? 'VALUE' : null
  if (cursor.is('WITH') && cursor.peek().word !== '(') throw cursor.unsupported('SELECT WITH')
  return { ...emptySelect(at, null), distinct, as, items: parseItems(cursor) }
}

export function parseItems(cursor: Cursor): SelectItem[] {
  if (cursor.is('FROM')) throw invalid(cursor.at, 'Syntax error: SELECT list must not be empty')
  const items = [parseSelectItem(cursor)]
  while (cursor.accept(',')) {
    if (cursor.is('FROM', ')', ';', '|>', 'WINDOW') || cursor.token.kind === 'end') break
    items.push(parseSelectItem(cursor))
  }
  return items
}

export function parseWindows(cursor: Cursor): Select['windows'] {
  if (!cursor.accept('WINDOW')) return []
  return cursor.list(() => {
    const name = cursor.name()
    cursor.expect('AS')
    return { name, reference: parseWindowReference(cursor) }
  })
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

export function parseGroupBy(cursor: Cursor): GroupBy {
  const { at } = cursor
  cursor.expect('GROUP', 'BY')
  if (cursor.accept('ALL')) return { kind: 'all', at }
  if (cursor.sees('(', ')')) return { kind: 'sets', at, sets: [parseGroupingSet(cursor)] }
  if (cursor.accept('GROUPING', 'SETS')) {
    cursor.expect('(')
    const sets = cursor.list(() => parseGroupingSet(cursor))
    cursor.expect(')')
    return { kind: 'sets', at, sets: alone(cursor, sets, 'GROUPING SETS') }
  }
  if (startsRollup(cursor)) {
    const { word } = cursor.token
    return { kind: 'sets', at, sets: alone(cursor, [parseGroupingSet(cursor)], word) }
  }
  const items = cursor.list(() => {
    if (startsRollup(cursor) || cursor.sees('GROUPING', 'SETS')) throw onlyAlone(cursor, cursor.token.word)
    return parseExpression(cursor)
  })
  return { kind: 'plain', at, items }
}

function startsRollup(cursor: Cursor): boolean {
  return cursor.is('ROLLUP', 'CUBE') && cursor.peek().word === '('
}

function alone(cursor: Cursor, sets: readonly GroupingSet[], word: string): readonly GroupingSet[] {
  if (cursor.is(',')) throw onlyAlone(cursor, word)
  return sets
}

function onlyAlone(cursor: Cursor, word: string): Error {
  return invalid(
    cursor.at,
    `The GROUP BY clause only supports ${word} when there are no other grouping elements`,
  )
}

function parseGroupingSet(cursor: Cursor): GroupingSet {
  if (startsRollup(cursor)) {
    const kind = cursor.take().word === 'ROLLUP' ? 'rollup' : 'cube'
    cursor.expect('(')
    const items = cursor.list(() => parseKeys(cursor))
    cursor.expect(')')
    return { kind, items }
  }
  return { kind: 'set', items: [parseKeys(cursor)] }
}

/** One key, or several in parentheses. */
function parseKeys(cursor: Cursor): Expression[] {
  if (cursor.accept('(', ')')) return []
  const value = parseExpression(cursor)
  return value.kind === 'struct' && value.type === null ? value.items.map((item) => item.value) : [value]
}

/** SELECT * of a FROM clause. */
export function selectAll(at: number, from: From): Query {
  return {
    at,
    recursive: false,
    with: [],
    body: { ...emptySelect(at, from), items: [{ kind: 'star', at, object: null, except: [], replace: [] }] },
    orderBy: [],
    limit: null,
    offset: null,
  }
}

export function emptySelect(at: number, from: From | null): Select {
  return {
    kind: 'select',
    at,
    distinct: false,
    as: null,
    items: [],
    from,
    where: null,
    groupBy: null,
    having: null,
    qualify: null,
    windows: [],
  }
}
