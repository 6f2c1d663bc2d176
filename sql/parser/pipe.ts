import type { CommonTable, Expression, From, GroupBy, OrderItem, Query, SelectItem } from '../syntax.ts'
import { parseOrderItem } from './call.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseJoins, parsePivots, pivotFollows } from './from.ts'
import {
  emptySelect,
  parseAlias,
  parseCommonTable,
  parseGroupBy,
  parseItems,
  parseQuery,
  parseSelectList,
  parseWindows,
  selectAll,
} from './query.ts'

/**
 * The pipe operators that follow a query, as queries around it.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/pipe-syntax
 */
export function parsePipes(cursor: Cursor, start: Query): Query {
  let query = start
  const common: CommonTable[] = []
  let recursive = false
  while (cursor.accept('|>')) {
    if (cursor.is('WITH')) {
      const { at } = cursor.take()
      recursive = cursor.accept('RECURSIVE') || recursive
      common.push(...cursor.list(() => parseCommonTable(cursor)))
      query = selectAll(at, fromOf(query))
    } else query = parsePipe(cursor, query)
  }
  return common.length > 0 ? { ...query, with: common, recursive } : query
}

type Operator = (cursor: Cursor, input: Query, at: number) => Query

const operators: Readonly<Record<string, Operator>> = {
  WHERE: (cursor, input, at) => {
    cursor.take()
    return step(input, at, { kind: 'where', condition: parseExpression(cursor) })
  },
  SELECT: (cursor, input) => {
    const select = parseSelectList(cursor)
    return around(input, (from) => ({ ...select, from, windows: parseWindows(cursor) }))
  },
  EXTEND: (cursor, input, at) => {
    cursor.take()
    return step(input, at, { kind: 'extend', items: parseItems(cursor) })
  },
  SET: (cursor, input, at) => {
    cursor.take()
    const items = cursor.list(() => {
      const name = cursor.name()
      cursor.expect('=')
      return { name, value: parseExpression(cursor) }
    })
    return step(input, at, { kind: 'set', items })
  },
  DROP: (cursor, input, at) => {
    cursor.take()
    return step(input, at, { kind: 'drop', names: cursor.list(() => cursor.name()) })
  },
  RENAME: (cursor, input, at) => {
    cursor.take()
    const names = cursor.list(() => {
      const from = cursor.name()
      cursor.accept('AS')
      return { from, to: cursor.name() }
    })
    return step(input, at, { kind: 'rename', names })
  },
  ASSERT: (cursor, input, at) => {
    cursor.take()
    const condition = parseExpression(cursor)
    const payload = cursor.accept(',') ? cursor.list(() => parseExpression(cursor)) : []
    return step(input, at, { kind: 'assert', condition, payload })
  },
  AS: (cursor, input, at) => {
    cursor.take()
    return step(input, at, { kind: 'as', alias: cursor.name() })
  },
  LIMIT: (cursor, input, at) => {
    cursor.take()
    const limit = parseExpression(cursor)
    const offset = cursor.accept('OFFSET') ? parseExpression(cursor) : null
    if (!input.limit && input.orderBy.length > 0) return { ...input, limit, offset }
    return { ...selectAll(at, fromOf(input)), limit, offset }
  },
  ORDER: (cursor, input, at) => {
    cursor.expect('ORDER', 'BY')
    return { ...selectAll(at, fromOf(input)), orderBy: cursor.list(() => parseOrderItem(cursor)) }
  },
  DISTINCT: (cursor, input, at) => {
    cursor.take()
    return around(input, (from) => ({ ...starSelect(at, from), distinct: true }))
  },
  AGGREGATE: parseAggregate,
}

function parsePipe(cursor: Cursor, input: Query): Query {
  const { at, token } = cursor
  const operator = Object.hasOwn(operators, token.word) ? operators[token.word] : undefined
  if (operator) return operator(cursor, input, at)
  if (pivotFollows(cursor)) return selectAll(at, parsePivots(cursor, fromOf(input)))
  if (cursor.is('UNION', 'INTERSECT', 'EXCEPT')) return parseSet(cursor, input, at)
  const left = fromOf(input)
  const joined = parseJoins(cursor, left)
  if (joined !== left) return selectAll(at, joined)
  throw cursor.unsupported(`pipe operator ${token.word}`)
}

function starSelect(at: number, from: From): ReturnType<typeof emptySelect> {
  return {
    ...emptySelect(at, from),
    items: [{ kind: 'star', at, object: null, except: [], replace: [] }],
  }
}

function around(input: Query, select: (from: From) => ReturnType<typeof emptySelect>): Query {
  const from = fromOf(input)
  return { ...selectAll(input.at, from), body: select(from) }
}

function step(input: Query, at: number, pipe: (From & { kind: 'pipe' })['step']): Query {
  return selectAll(at, { kind: 'pipe', at, input: fromOf(input), step: pipe })
}

/** The query as a FROM item: its own FROM, where it selects all of it, so that the names of tables stay. */
function fromOf(query: Query): From {
  const { at, orderBy, limit, offset } = query
  const from = bareFrom(query)
  if (!from) return { kind: 'subquery', at, query, alias: null }
  if (orderBy.length === 0 && !limit) return from
  return { kind: 'pipe', at, input: from, step: { kind: 'order', orderBy, limit, offset } }
}

/** The FROM clause of `SELECT * FROM …` with nothing else to it. */
function bareFrom({ body, with: common }: Query): From | null {
  if (body.kind !== 'select' || common.length > 0 || body.windows.length > 0) return null
  if (body.distinct || body.where || body.groupBy || body.qualify || body.having || body.as) return null
  const [item, ...more] = body.items
  const all = item?.kind === 'star' && !item.object && item.except.length === 0 && item.replace.length === 0
  return all && more.length === 0 ? body.from : null
}

/** AGGREGATE list GROUP BY keys: the keys come first. GROUP AND ORDER BY also sorts by them. */
function parseAggregate(cursor: Cursor, input: Query, at: number): Query {
  cursor.take()
  const list: SelectItem[] = []
  const order: OrderItem[] = []
  if (!endsList(cursor, 'GROUP'))
    do {
      if (endsList(cursor, 'GROUP')) break
      const value = parseExpression(cursor)
      list.push({ kind: 'expression', at: value.at, value, alias: parseAlias(cursor) })
      const item = direction(cursor)
      if (item) order.push({ ...item, value: named(list.at(-1)!) })
    } while (cursor.accept(','))
  const keys: SelectItem[] = []
  let groupBy: GroupBy | null = null
  if (cursor.is('GROUP')) {
    const sorted = cursor.sees('GROUP', 'AND', 'ORDER', 'BY')
    const special =
      cursor.sees('GROUP', 'BY') && ['ROLLUP', 'CUBE', 'GROUPING', 'ALL'].includes(cursor.peek(2).word)
    if (special) {
      groupBy = parseGroupBy(cursor)
      if (groupBy.kind === 'all') throw cursor.unsupported('AGGREGATE … GROUP BY ALL')
      const seen = new Set<string>()
      if (groupBy.kind === 'sets')
        for (const value of groupBy.sets.flatMap((set) => set.items.flat())) {
          const key = JSON.stringify(value, (name, part: unknown) => (name === 'at' ? 0 : part))
          if (!seen.has(key)) keys.push({ kind: 'expression', at: value.at, value, alias: null })
          seen.add(key)
        }
    } else {
      cursor.take()
      if (sorted) cursor.expect('AND', 'ORDER', 'BY')
      else cursor.expect('BY')
      do {
        if (endsList(cursor)) break
        const value = parseExpression(cursor)
        keys.push({ kind: 'expression', at: value.at, value, alias: parseAlias(cursor) })
        const item = direction(cursor) ?? (sorted ? { at: value.at, descending: false, nulls: null } : null)
        if (item) order.push({ ...item, value: position(keys.length, value.at) })
      } while (cursor.accept(','))
      groupBy = { kind: 'plain', at, items: keys.map((key, i) => position(i + 1, key.at)) }
    }
  }
  if (keys.length + list.length === 0) throw cursor.unexpected()
  const query = around(input, (from) => ({
    ...emptySelect(at, from),
    items: [...keys, ...list],
    groupBy: groupBy ?? { kind: 'sets', at, sets: [{ kind: 'set', items: [[]] }] },
  }))
  return { ...query, orderBy: order }
}

function endsList(cursor: Cursor, ...words: readonly string[]): boolean {
  return cursor.is('|>', ')', ';', ...words) || cursor.token.kind === 'end'
}

function direction(cursor: Cursor): Omit<OrderItem, 'value'> | null {
  const { at } = cursor
  if (!cursor.is('ASC', 'DESC')) return null
  const descending = cursor.take().word === 'DESC'
  const nulls = cursor.accept('NULLS', 'FIRST') ? 'FIRST' : cursor.accept('NULLS', 'LAST') ? 'LAST' : null
  return { at, descending, nulls }
}

function position(i: number, at: number): Expression {
  return { kind: 'literal', at, type: 'INT64', text: String(i) }
}

function named(item: SelectItem): Expression {
  if (item.kind === 'expression' && item.alias)
    return { kind: 'name', at: item.at, name: item.alias.text, quoted: true }
  return (item as SelectItem & { kind: 'expression' }).value
}

/** UNION ALL (query), (query): the input is the first of them. */
function parseSet(cursor: Cursor, input: Query, at: number): Query {
  const operator = cursor.take().word as 'UNION' | 'INTERSECT' | 'EXCEPT'
  const all = cursor.accept('ALL')
  if (!all) cursor.expect('DISTINCT')
  if (all && operator !== 'UNION') throw cursor.unexpected('DISTINCT')
  const byName = cursor.accept('BY', 'NAME') ? ({ mode: 'STRICT', columns: null } as const) : null
  const others: Query[] = cursor.list(() => {
    cursor.expect('(')
    const query = parseQuery(cursor)
    cursor.expect(')')
    return query
  })
  const inputs = [input, ...others].map((query) => ({ kind: 'query' as const, at: query.at, query }))
  return {
    ...input,
    with: [],
    recursive: false,
    orderBy: [],
    limit: null,
    offset: null,
    body: { kind: 'set', at, operator, all, byName, inputs },
  }
}
