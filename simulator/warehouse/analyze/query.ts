import { invalid, unsupported } from '../../../sql/problem.ts'
import type {
  CommonTable,
  Depth,
  Expression,
  NameMatching,
  OrderItem,
  Query,
  QueryBody,
} from '../../../sql/syntax.ts'
import { duckType, quoteName } from '../types/duck.ts'
import { INT64, isGroupable, isOrderable, isScalar, type Type, typeText } from '../types/type.ts'
import { coerce, coerceOrFail, commonType } from './coerce.ts'
import { type AnalyzedQuery, type Env, uniqueName } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { type Column, type CommonTableScope, emptyScope, type Scope } from './scope.ts'
import { analyzeSelect } from './select.ts'
import { typed, type Typed } from './typed.ts'

export interface QueryOptions {
  /** Give each row's position in a column `o` where the query orders its rows. */
  readonly numbered?: boolean
}

/** Checks a query and gives one DuckDB SELECT with columns c0, c1 … */
export function analyzeQuery(query: Query, outer: Env, options: QueryOptions = {}): AnalyzedQuery {
  const emitted: string[] = []
  const common = [...outer.common]
  const env: Env = { ...outer, common }
  for (const table of query.with) {
    const analyzed = analyzeCommonTable(table, env, query.recursive)
    emitted.push(analyzed.sql)
    common.unshift(analyzed.scope)
  }
  const duplicate = query.with.find((table, i) =>
    query.with.some((other, j) => j < i && other.name.text.toLowerCase() === table.name.text.toLowerCase()),
  )
  if (duplicate) throw invalid(duplicate.name.at, `Duplicate alias ${duplicate.name.text} for WITH subquery`)
  const body = analyzeOrdered(query, env, options)
  if (emitted.length === 0) return body
  return { ...body, sql: `WITH ${query.recursive ? 'RECURSIVE ' : ''}${emitted.join(', ')} ${body.sql}` }
}

function analyzeOrdered(query: Query, env: Env, options: QueryOptions): AnalyzedQuery {
  const limit = limitSql(query, env)
  const numbered = options.numbered === true && query.orderBy.length > 0
  if (query.body.kind === 'select') return analyzeSelect(query.body, query.orderBy, limit, numbered, env)
  const body = analyzeBody(query.body, env)
  if (query.orderBy.length === 0 && limit === '') return body
  const alias = uniqueName(env.context, 'u')
  const columns: Column[] = body.columns.map((column, i) => ({
    name: column.name,
    value: typed(`${alias}.c${i}`, column.type),
  }))
  const scope: Scope = { ...emptyScope, relations: [], star: columns, parent: env.scope }
  const order = orderSql(
    query.orderBy,
    columns.map((column) => column.value),
    { ...env, scope },
  )
  const number = numbered ? `, row_number() OVER (${order}) AS o` : ''
  return {
    ...body,
    numbered,
    sql: `SELECT ${alias}.*${number} FROM (${body.sql}) AS ${alias}${order}${limit}`,
  }
}

export function limitSql(query: Pick<Query, 'limit' | 'offset'>, env: Env): string {
  let sql = ''
  for (const [word, expression] of [
    ['LIMIT', query.limit],
    ['OFFSET', query.offset],
  ] as const) {
    if (!expression) continue
    const allowed =
      expression.kind === 'literal' ||
      expression.kind === 'parameter' ||
      expression.kind === 'name' ||
      expression.kind === 'cast'
    if (!allowed) throw invalid(expression.at, `${word} must be an integer literal or parameter`)
    const value = coerce(analyzeExpression(expression, { ...env, scope: null }), INT64, expression.at)
    if (!value || (value.literal?.kind === 'int' && value.literal.value < 0n))
      throw invalid(expression.at, `${word} must be a non-negative integer`)
    sql += ` ${word} ${value.sql}`
  }
  return sql
}

/** ORDER BY of output columns and expressions; `outputs` are what positions count. */
export function orderSql(items: readonly OrderItem[], outputs: readonly Typed[], env: Env): string {
  if (items.length === 0) return ''
  return ` ORDER BY ${items.flatMap((item) => orderKey(item, outputs, env)).join(', ')}`
}

function orderKey(item: OrderItem, outputs: readonly Typed[], env: Env): string[] {
  const value = orderValue(item.value, outputs, env)
  return orderTerms(value, item)
}

function orderValue(expression: Expression, outputs: readonly Typed[], env: Env): Typed {
  if (expression.kind === 'literal' && expression.type === 'INT64') {
    const output = outputs[Number(expression.text) - 1]
    if (!output)
      throw invalid(
        expression.at,
        `ORDER BY column number item is out of range. Column numbers must be between 1 and ${outputs.length}`,
      )
    return output
  }
  return analyzeExpression(expression, env)
}

/** BigQuery puts NULL before all values and NaN next; DuckDB has NaN last. */
export function orderTerms(value: Typed, item: OrderItem): string[] {
  if (!isOrderable(value.type))
    throw invalid(item.at, `ORDER BY does not support expressions of type ${typeText(value.type)}`)
  const direction = item.descending ? 'DESC' : 'ASC'
  const nulls = item.nulls ?? (item.descending ? 'LAST' : 'FIRST')
  const key = isScalar(value.type, 'BIGNUMERIC') ? `bq_bignumeric_key(${value.sql})` : value.sql
  const term = `${key} ${direction} NULLS ${nulls}`
  if (!isScalar(value.type, 'FLOAT64')) return [term]
  const [before, after] = nulls === 'FIRST' ? [0, 1] : [1, 0]
  const nan = item.descending ? [0, 1] : [1, 0]
  return [
    `CASE WHEN ${value.sql} IS NULL THEN ${before} ELSE ${after} END`,
    `CASE WHEN isnan(${value.sql}) THEN ${nan[1]} ELSE ${nan[0]} END`,
    term,
  ]
}

function analyzeBody(body: QueryBody, env: Env): AnalyzedQuery {
  if (body.kind === 'select') return analyzeSelect(body, [], '', false, env)
  if (body.kind === 'query') return analyzeQuery(body.query, env)
  const inputs = body.inputs.map((input) => analyzeBody(input, env))
  return combine(body.byName ? matchNames(inputs, body.byName, body, env) : inputs, body, env)
}

function combine(
  inputs: readonly AnalyzedQuery[],
  body: QueryBody & { kind: 'set' },
  env: Env,
): AnalyzedQuery {
  const [first] = inputs
  const word = body.operator + (body.all ? ' ALL' : ' DISTINCT')
  for (const [i, input] of inputs.entries())
    if (input.columns.length !== first!.columns.length)
      throw invalid(
        body.inputs[i]!.at,
        `Queries in ${word} have mismatched column count; query 1 has ${first!.columns.length} columns, query ${i + 1} has ${input.columns.length} columns`,
      )
  const types = first!.columns.map((_, i) => columnType(inputs, i, word, body))
  const columns = first!.columns.map((column, i) => ({ name: column.name, type: types[i]! }))
  const selects = inputs.map((input) => coerceColumns(input, types, env, body.at))
  const sql = selects.join(` ${body.operator}${body.all ? ' ALL' : ''} `)
  return {
    sql,
    columns,
    valueTable: first!.valueTable,
    numbered: false,
    literals: columns.map(() => undefined),
  }
}

function columnType(
  inputs: readonly AnalyzedQuery[],
  i: number,
  word: string,
  body: QueryBody & { kind: 'set' },
): Type {
  const values = inputs.map((input) => outputValue(input, i, 'NULL'))
  const type = commonType(values, body.at)
  if (!type)
    throw invalid(
      body.at,
      `Column ${i + 1} in ${word} has incompatible types: ${values.map((value) => typeText(value.type)).join(', ')}`,
    )
  if (!body.all && !isGroupable(type))
    throw invalid(
      body.at,
      `Column ${i + 1} in ${word} has type that does not support set operation comparisons: ${typeText(type)}`,
    )
  return type
}

function outputValue(query: AnalyzedQuery, i: number, sql: string): Typed {
  const literal = query.literals[i]
  return literal ? { sql, type: query.columns[i]!.type, literal } : typed(sql, query.columns[i]!.type)
}

/** The query with its columns as `types`. */
function coerceColumns(query: AnalyzedQuery, types: readonly Type[], env: Env, at: number): string {
  const alias = uniqueName(env.context, 'u')
  const items = types.map((type, i) => {
    const value = coerceOrFail(outputValue(query, i, `${alias}.c${i}`), type, at, `Column ${i + 1}`)
    return `CAST(${value.sql} AS ${duckType(type)}) AS c${i}`
  })
  return `(SELECT ${items.join(', ')} FROM (${query.sql}) AS ${alias})`
}

function analyzeCommonTable(
  table: CommonTable,
  env: Env,
  recursive: boolean,
): { sql: string; scope: CommonTableScope } {
  const emitted = quoteName(uniqueName(env.context, `${table.name.text}_`))
  const { text: name } = table.name
  const scope = (query: AnalyzedQuery): CommonTableScope => ({
    name,
    emitted,
    columns: query.columns,
    valueTable: query.valueTable,
    query: table.query,
  })
  if (table.depth && !(recursive && mentions(table.query, name)))
    throw invalid(table.name.at, 'WITH DEPTH is only allowed for recursive WITH subqueries')
  if (recursive && mentions(table.query, name)) return analyzeRecursive(table, env, emitted, scope)
  const query = analyzeQuery(table.query, env)
  return { sql: `${emitted} AS (${query.sql})`, scope: scope(query) }
}

function analyzeRecursive(
  table: CommonTable,
  env: Env,
  emitted: string,
  scope: (query: AnalyzedQuery) => CommonTableScope,
): { sql: string; scope: CommonTableScope } {
  const { body, orderBy, limit } = table.query
  if (
    body.kind !== 'set' ||
    body.operator !== 'UNION' ||
    orderBy.length > 0 ||
    limit ||
    table.query.with.length > 0
  )
    throw invalid(table.name.at, 'Recursive query must be a UNION of a non-recursive and a recursive term')
  if (body.byName) throw unsupported(table.name.at, 'recursive query whose terms are matched by name')
  const first = body.inputs.slice(0, -1)
  if (first.some((input) => mentions(input, table.name.text)))
    throw invalid(
      table.name.at,
      `Recursive reference to ${table.name.text} must be in the last term of its UNION`,
    )
  const base = analyzeBody(first.length === 1 ? first[0]! : { ...body, inputs: first }, env)
  const types = base.columns.map((column) => column.type)
  const next = analyzeBody(body.inputs.at(-1)!, { ...env, common: [scope(base), ...env.common] })
  if (next.columns.length !== types.length)
    throw invalid(body.at, 'The terms of a recursive query have mismatched column count')
  for (const [i, type] of types.entries())
    if (!body.all && !isGroupable(type))
      throw invalid(
        body.at,
        `Column ${i + 1} in UNION DISTINCT has type that does not support set operation comparisons: ${typeText(type)}`,
      )
  if (table.depth) {
    if (!body.all) throw unsupported(table.name.at, 'WITH DEPTH of UNION DISTINCT')
    return withDepth(
      table.depth,
      coerceColumns(base, types, env, body.at),
      coerceColumns(next, types, env, body.at),
      emitted,
      scope(base),
      env,
    )
  }
  const sql = `${coerceColumns(base, types, env, body.at)} UNION ${body.all ? 'ALL ' : ''}${coerceColumns(next, types, env, body.at)}`
  return { sql: `${emitted} AS (${sql})`, scope: scope(base) }
}

/** The rows of a recursive query with the number of their iteration, which all rows of the one before share. */
function withDepth(
  depth: Depth,
  base: string,
  next: string,
  emitted: string,
  scope: CommonTableScope,
  env: Env,
): { sql: string; scope: CommonTableScope } {
  const rows = quoteName(uniqueName(env.context, 'iterated'))
  const iteration = `(SELECT max(n) FROM ${emitted})`
  const [b, r] = [uniqueName(env.context, 'r'), uniqueName(env.context, 'r')]
  const stop = depth.most === null ? 'TRUE' : `${iteration} < ${depth.most}`
  const sql = `${emitted} AS (SELECT ${b}.*, 0::BIGINT AS n FROM ${base} AS ${b} UNION ALL SELECT ${r}.*, ${iteration} + 1 FROM ${next} AS ${r} WHERE ${stop})`
  const columns = [...scope.columns, { name: depth.alias, type: INT64 }]
  const list = columns.map((_, i) => (i < scope.columns.length ? `c${i}` : `n AS c${i}`)).join(', ')
  return {
    sql: `${sql}, ${rows} AS (SELECT ${list} FROM ${emitted} WHERE n >= ${depth.least})`,
    scope: { ...scope, emitted: rows, columns, valueTable: false },
  }
}

/** The inputs with their columns in one order, by name; what an input lacks is NULL. */
function matchNames(
  inputs: readonly AnalyzedQuery[],
  matching: NameMatching,
  body: QueryBody & { kind: 'set' },
  env: Env,
): AnalyzedQuery[] {
  const names = inputs.map((input, i) =>
    input.columns.map((column) => {
      if (column.name === null)
        throw invalid(body.inputs[i]!.at, 'Anonymous columns are not allowed in a set operation by name')
      return column.name
    }),
  )
  for (const list of names)
    for (const name of list)
      if (list.filter((other) => same(other, name)).length > 1)
        throw invalid(body.at, `Duplicate column name ${name} in a set operation by name`)
  const has = (list: readonly string[], name: string): boolean => list.some((other) => same(other, name))
  const [first, ...others] = names as [string[], ...string[][]]
  const everywhere = first.filter((name) => others.every((list) => has(list, name)))
  const all = names.flat().filter((name, i, list) => list.findIndex((other) => same(other, name)) === i)
  const { mode, columns } = matching
  if (mode === 'STRICT' && !columns && names.some((list) => list.length !== everywhere.length))
    throw invalid(
      body.at,
      'STRICT set operation by name needs the same column names in all of its input queries',
    )
  const wanted = columns
    ? columns.map((column) => {
        const missing = names.findIndex((list) => !has(list, column.text))
        const needed =
          mode === 'LEFT' ? !has(first, column.text) : mode === 'FULL' ? !has(all, column.text) : missing >= 0
        if (needed)
          throw invalid(column.at, `Column ${column.text} is not in all input queries of the set operation`)
        return column.text
      })
    : mode === 'FULL'
      ? all
      : mode === 'LEFT'
        ? first
        : everywhere
  if (wanted.length === 0)
    throw invalid(body.at, 'The input queries of the set operation share no column name')
  return inputs.map((input) => {
    const alias = uniqueName(env.context, 'u')
    const picked = wanted.map((name) => input.columns.findIndex((column) => same(column.name ?? '', name)))
    const list = picked.map((from, i) => `${from < 0 ? 'NULL' : `${alias}.c${from}`} AS c${i}`)
    return {
      sql: `SELECT ${list.join(', ')} FROM (${input.sql}) AS ${alias}`,
      columns: picked.map((from, i) => ({ name: wanted[i]!, type: input.columns[from]?.type ?? INT64 })),
      valueTable: false,
      numbered: false,
      literals: picked.map((from) => (from < 0 ? { kind: 'null' as const } : input.literals[from])),
    }
  })
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Whether a FROM clause inside the query names the common table. */
function mentions(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, name))
  if (typeof value !== 'object' || value === null) return false
  const parts: unknown = 'parts' in value ? value.parts : null
  if (Array.isArray(parts) && parts.length === 1 && String(parts[0]).toLowerCase() === name.toLowerCase())
    return true
  return Object.values(value).some((item) => mentions(item, name))
}
