import { invalid } from '../../../sql/problem.ts'
import type { Expression, From, Name } from '../../../sql/syntax.ts'
import { quoteName, structNames } from '../types/duck.ts'
import { INT64, typeText } from '../types/type.ts'
import { coerceOrFail, commonType } from './coerce.ts'
import { type Env, uniqueName } from './context.ts'
import { analyzeCondition, analyzeExpression } from './expression.ts'
import { analyzePipe } from './pipe.ts'
import { analyzePivot, analyzeUnpivot } from './pivot.ts'
import { analyzeQuery } from './query.ts'
import { type Column, emptyScope, findRelation, type Relation, type Scope } from './scope.ts'
import { analyzeTable } from './table.ts'
import { analyzeTableFunction } from './table-function.ts'
import { typed, type Typed } from './typed.ts'

export interface FromResult {
  readonly sql: string
  readonly relations: readonly Relation[]
  readonly star: readonly Column[]
  /** Conditions of joins that rows of the result satisfy. */
  readonly conditions: readonly Expression[]
  /** Whether it uses columns of what stands to its left. */
  readonly lateral: boolean
}

/** The FROM clause. `left` is what stands to the left in the same clause, which only arrays may use. */
export function analyzeFrom(from: From, env: Env, left: FromResult | null = null): FromResult {
  switch (from.kind) {
    case 'table': {
      const array = pathIntoLeft(from, left, env)
      if (array)
        return analyzeUnnest(
          { kind: 'unnest', at: from.at, array, alias: from.alias ?? lastName(from), offset: null },
          env,
          left,
          from.path.parts.join('.'),
        )
      return analyzeTable(from, env)
    }
    case 'unnest':
      return analyzeUnnest(from, env, left)
    case 'subquery':
      return analyzeDerived(from, env)
    case 'tableFunction':
      return analyzeTableFunction(from, env)
    case 'join':
      return analyzeJoin(from, env, left)
    case 'pivot':
      return analyzePivot(from, env)
    case 'unpivot':
      return analyzeUnpivot(from, env)
    case 'pipe':
      return analyzePipe(from, analyzeFrom(from.input, env, left), env)
  }
}

function lastName(from: From & { kind: 'table' }): Name {
  return { text: from.path.parts.at(-1)!, at: from.at }
}

/** `FROM t, t.items`: a path whose first part is a relation of this clause or of an outer query. */
function pathIntoLeft(from: From & { kind: 'table' }, left: FromResult | null, env: Env): Expression | null {
  const [first, ...rest] = from.path.parts
  if (rest.length === 0) return null
  const found = findRelation(scopeOf(left, env), first!)
  if (!found) return null
  let array: Expression = { kind: 'name', at: from.at, name: first!, quoted: true }
  for (const part of rest)
    array = { kind: 'field', at: from.at, object: array, field: { text: part, at: from.at } }
  return array
}

export function scopeOf(from: FromResult | null, env: Env): Scope {
  return from
    ? { ...emptyScope, relations: from.relations, star: from.star, parent: env.scope }
    : { ...emptyScope, parent: env.scope }
}

/** `path` is of an array that stands in FROM without UNNEST. */
function analyzeUnnest(
  from: From & { kind: 'unnest' },
  env: Env,
  left: FromResult | null,
  path: string | null = null,
): FromResult {
  const scope = scopeOf(left, env)
  const array = analyzeExpression(from.array, { ...env, scope, noAggregates: 'UNNEST', noWindows: 'UNNEST' })
  if (array.type.kind !== 'array')
    throw invalid(
      from.array.at,
      path === null
        ? `Values referenced in UNNEST must be arrays. UNNEST contains expression of type ${typeText(array.type)}`
        : `Values referenced in FROM clause must be arrays. ${path} has type ${typeText(array.type)}`,
    )
  const alias = uniqueName(env.context, 'n')
  const sql = from.offset
    ? `(SELECT unnest(${alias}_.l) AS v, unnest(range(len(${alias}_.l))) AS o FROM (SELECT ${array.sql} AS l) AS ${alias}_) AS ${alias}`
    : `(SELECT unnest(${array.sql}) AS v) AS ${alias}`
  const value = typed(`${alias}.v`, array.type.element)
  const relation = elementRelation(value, from.alias?.text ?? null)
  const offset: Column[] = from.offset ? [{ name: from.offset.text, value: typed(`${alias}.o`, INT64) }] : []
  const columns = [...relation.columns, ...offset]
  const relations: Relation[] = [
    relation,
    ...offset.map((column) => ({ ...relation, alias: null, columns: [column], value: column.value })),
  ]
  return { sql, relations, star: columns, conditions: [], lateral: true }
}

/** A relation whose rows are single values. */
function elementRelation(value: Typed, alias: string | null): Relation {
  const { type } = value
  const columns: Column[] =
    type.kind === 'struct'
      ? type.fields.map((field, i) => ({
          name: field.name,
          value: typed(`(${value.sql}).${quoteName(structNames(type.fields)[i]!)}`, field.type),
        }))
      : [{ name: alias, value }]
  return { alias, columns, pseudo: [], value, requiredFilter: null }
}

function analyzeDerived(from: From & { kind: 'subquery' }, env: Env): FromResult {
  const query = analyzeQuery(from.query, env)
  const alias = uniqueName(env.context, 't')
  return derived(
    `(${query.sql}) AS ${alias}`,
    alias,
    from.alias?.text ?? null,
    query.columns,
    query.valueTable,
  )
}

/** A relation over columns c0, c1 … of `alias`. */
export function derived(
  sql: string,
  alias: string,
  name: string | null,
  columns: readonly { readonly name: string | null; readonly type: Typed['type'] }[],
  valueTable: boolean,
): FromResult {
  const relation: Relation = valueTable
    ? elementRelation(typed(`${alias}.c0`, columns[0]!.type), name)
    : {
        alias: name,
        columns: columns.map((column, i) => ({
          name: column.name,
          value: typed(`${alias}.c${i}`, column.type),
        })),
        pseudo: [],
        value: null,
        requiredFilter: null,
      }
  return { sql, relations: [relation], star: relation.columns, conditions: [], lateral: false }
}

function analyzeJoin(from: From & { kind: 'join' }, env: Env, outerLeft: FromResult | null): FromResult {
  const left = analyzeFrom(from.left, env, outerLeft)
  const outer = from.type === 'RIGHT' || from.type === 'FULL'
  // An array may use the left side only where each left row has its own.
  const right = outer
    ? { ...analyzeFrom(from.right, env), lateral: false }
    : analyzeFrom(from.right, env, left)
  const duplicate = right.relations.find(
    (r) => r.alias && left.relations.some((other) => other.alias?.toLowerCase() === r.alias!.toLowerCase()),
  )
  if (duplicate) throw invalid(from.at, `Duplicate table alias ${duplicate.alias} in the same FROM clause`)
  const relations = [...left.relations, ...right.relations]
  const conditions = [...left.conditions, ...right.conditions]
  const joined = (sql: string, star: readonly Column[], more: readonly Expression[] = []): FromResult => ({
    sql,
    relations,
    star,
    conditions: [...conditions, ...more],
    lateral: left.lateral,
  })
  const lateral = right.lateral ? 'LATERAL ' : ''
  const star = [...left.star, ...right.star]
  if (from.type !== 'CROSS' && !from.on && !from.using && !right.lateral)
    throw invalid(
      from.at,
      `${from.type === 'INNER' ? 'INNER' : `${from.type} OUTER`} JOIN must have an immediately following ON or USING clause`,
    )
  if (from.type === 'CROSS' || (!from.on && !from.using)) {
    const word = from.type === 'LEFT' ? 'LEFT JOIN' : 'CROSS JOIN'
    return joined(
      `${left.sql} ${word} ${lateral}${wrap(from.right, right.sql)}${word === 'LEFT JOIN' ? ' ON TRUE' : ''}`,
      star,
    )
  }
  const word = from.type === 'INNER' ? 'JOIN' : `${from.type} JOIN`
  if (from.using) return joinUsing(from, left, right, word, joined)
  const scope: Scope = { ...emptyScope, relations, star, parent: env.scope }
  const on = analyzeCondition(
    from.on!,
    { ...env, scope, noAggregates: 'JOIN ON clause', noWindows: 'JOIN ON clause' },
    'JOIN ON clause',
  )
  return joined(
    `${left.sql} ${word} ${lateral}${wrap(from.right, right.sql)} ON ${on.sql}`,
    star,
    from.type === 'INNER' ? [from.on!] : [],
  )
}

/** A join within a join's right side needs parentheses. */
function wrap(from: From, sql: string): string {
  return from.kind === 'join' ? `(${sql})` : sql
}

function joinUsing(
  from: From & { kind: 'join' },
  left: FromResult,
  right: FromResult,
  word: string,
  joined: (sql: string, star: readonly Column[]) => FromResult,
): FromResult {
  const merged: Column[] = []
  const tests: string[] = []
  for (const name of from.using!) {
    const [a, b] = [columnIn(left, name, 'left'), columnIn(right, name, 'right')]
    const type = commonType([a, b], name.at)
    if (!type || type.kind !== 'scalar' || type.name === 'JSON')
      throw invalid(
        name.at,
        `Column ${name.text} in USING has incompatible types on either side of the join: ${typeText(a.type)}, ${typeText(b.type)}`,
      )
    const [x, y] = [coerceOrFail(a, type, name.at), coerceOrFail(b, type, name.at)]
    tests.push(`${x.sql} = ${y.sql}`)
    const sql = from.type === 'FULL' ? `COALESCE(${x.sql}, ${y.sql})` : from.type === 'RIGHT' ? y.sql : x.sql
    merged.push({ name: name.text, value: typed(sql, type) })
  }
  const names = new Set(from.using!.map((name) => name.text.toLowerCase()))
  const rest = (columns: readonly Column[]): Column[] =>
    columns.filter((column) => !names.has(column.name?.toLowerCase() ?? ''))
  const lateral = right.lateral ? 'LATERAL ' : ''
  return joined(`${left.sql} ${word} ${lateral}${wrap(from.right, right.sql)} ON ${tests.join(' AND ')}`, [
    ...merged,
    ...rest(left.star),
    ...rest(right.star),
  ])
}

function columnIn(from: FromResult, name: Name, side: string): Typed {
  const matches = from.star.filter((column) => column.name?.toLowerCase() === name.text.toLowerCase())
  if (matches.length > 1)
    throw invalid(name.at, `Column ${name.text} in USING clause is ambiguous on ${side} side of join`)
  if (!matches[0])
    throw invalid(name.at, `Column ${name.text} in USING clause not found on ${side} side of join`)
  return matches[0].value
}
