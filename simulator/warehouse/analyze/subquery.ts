import { invalid } from '../../../sql/problem.ts'
import type { Expression, Query } from '../../../sql/syntax.ts'
import { duckType } from '../types/duck.ts'
import { arrayOf, BOOL, isScalar, typeText } from '../types/type.ts'
import { coerceOrFail, commonType } from './coerce.ts'
import { type Env, uniqueName } from './context.ts'
import { compare } from './operator.ts'
import { analyzeQuery } from './query.ts'
import { typed, type Typed } from './typed.ts'

/** (SELECT …), ARRAY(SELECT …), EXISTS(SELECT …). */
export function analyzeSubquery(expression: Expression & { kind: 'subquery' }, env: Env): Typed {
  const { form, at } = expression
  const query = analyzeQuery(expression.query, env, { numbered: form === 'array' })
  if (form === 'exists') return typed(`EXISTS (${query.sql})`, BOOL)
  const [column, ...more] = query.columns
  if (!column || more.length > 0)
    throw invalid(
      at,
      `${form === 'array' ? 'ARRAY' : 'Scalar'} subquery cannot have more than one column unless using SELECT AS STRUCT to build STRUCT values`,
    )
  if (form === 'scalar') return typed(`(${query.sql})`, column.type)
  if (column.type.kind === 'array')
    throw invalid(
      at,
      'Cannot use array subquery with column of type ARRAY because nested arrays are not supported',
    )
  const type = arrayOf(column.type)
  const name = uniqueName(env.context, 'q')
  const ordered = query.numbered ? ` ORDER BY ${name}.o` : ''
  return typed(
    `COALESCE((SELECT list(${name}.c0${ordered}) FROM (${query.sql}) AS ${name}), CAST([] AS ${duckType(type)}))`,
    type,
  )
}

export function analyzeInQuery(operand: Typed, query: Query, not: boolean, at: number, env: Env): Typed {
  const analyzed = analyzeQuery(query, env)
  const [column, ...more] = analyzed.columns
  if (!column || more.length > 0) throw invalid(at, 'Subquery of type IN must have only one output column')
  const literal = analyzed.literals[0]
  const inner: Typed = literal ? { sql: 'NULL', type: column.type, literal } : typed('NULL', column.type)
  const type = commonType([operand, inner], at)
  if (!type || type.kind === 'array')
    throw invalid(
      at,
      `Cannot execute IN subquery with uncomparable types ${typeText(operand.type)} and ${typeText(column.type)}`,
    )
  const name = uniqueName(env.context, 'q')
  const element = coerceOrFail({ ...inner, sql: `${name}.c0` }, type, at)
  const value = coerceOrFail(operand, type, at, `Operand of type ${typeText(operand.type)}`)
  if (type.kind === 'struct' || isScalar(type, 'FLOAT64')) {
    // Comparisons that DuckDB's IN makes otherwise: NULL fields, NaN.
    const test = compare('=', value, typed(element.sql, type)).sql
    const found = `(SELECT CASE WHEN bool_or(${test}) THEN TRUE WHEN count(*) > count(${test}) THEN NULL ELSE FALSE END FROM (${analyzed.sql}) AS ${name})`
    return typed(not ? `(NOT ${found})` : found, BOOL)
  }
  return typed(
    `(${value.sql} ${not ? 'NOT IN' : 'IN'} (SELECT ${element.sql} FROM (${analyzed.sql}) AS ${name}))`,
    BOOL,
  )
}
