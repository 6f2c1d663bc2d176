import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression, TypeSyntax } from '../../../sql/syntax.ts'
import { quoteName, structNames } from '../types/duck.ts'
import {
  arrayOf,
  BOOL,
  BYTES,
  INT64,
  isScalar,
  JSON_TYPE,
  STRING,
  structOf,
  type Type,
  typeText,
} from '../types/type.ts'
import { analyzeCall } from './call.ts'
import { analyzeCast } from './cast.ts'
import {
  arrayLiteral,
  coerce,
  coerceOrFail,
  commonType,
  numericLiteral,
  packStruct,
  temporalLiteral,
} from './coerce.ts'
import type { Env } from './context.ts'
import { analyzeIndex, jsonField } from './access.ts'
import { analyzeExtract, analyzeInterval } from './dates.ts'
import { canonicalJson } from '../types/json.ts'
import { analyzeOperator } from './operator.ts'
import { findRelation, lookUp, relationColumn, rowValue } from './scope.ts'
import { shapeOf } from './shape.ts'
import { analyzeSubquery } from './subquery.ts'
import {
  boolLiteral,
  floatLiteral,
  intLiteral,
  NULL,
  nullOf,
  stringLiteral,
  typed,
  type Typed,
} from './typed.ts'
import { resolveType } from './types.ts'
import { bignumericLiteral } from './bignumeric.ts'

/** Checks an expression against BigQuery's rules and gives its DuckDB SQL. Throws SqlProblem. */
export function analyzeExpression(expression: Expression, env: Env): Typed {
  const key = env.scope?.grouping?.shapes.get(shapeOf(expression))
  if (key && expression.kind !== 'literal') return key
  switch (expression.kind) {
    case 'literal':
      return analyzeLiteral(expression)
    case 'name':
      return analyzeName(expression.name, expression.at, env)
    case 'field':
      return analyzeField(expression, env)
    case 'index':
      return analyzeIndex(expression, env)
    case 'parameter':
      return analyzeParameter(expression, env)
    case 'system':
      return systemVariable(expression.name, expression.at, env)
    case 'unary':
    case 'binary':
    case 'is':
    case 'distinct':
    case 'between':
    case 'in':
    case 'like':
      return analyzeOperator(expression, env)
    case 'case':
      return analyzeCase(expression, env)
    case 'cast':
      return analyzeCast(expression, env)
    case 'extract':
      return analyzeExtract(expression, env)
    case 'interval':
      return analyzeInterval(expression, env)
    case 'call':
      return analyzeCall(expression, env)
    case 'array':
      return analyzeArray(expression, env)
    case 'struct':
      return analyzeStruct(expression, env)
    case 'subquery':
      return analyzeSubquery(expression, env)
    case 'default':
      throw invalid(expression.at, 'Unexpected keyword DEFAULT')
  }
}

function analyzeLiteral(literal: Expression & { kind: 'literal' }): Typed {
  const { text, at } = literal
  switch (literal.type) {
    case 'NULL':
      return NULL
    case 'BOOL':
      return boolLiteral(text === 'TRUE')
    case 'INT64': {
      const negative = text.startsWith('-')
      const value = BigInt(negative ? text.slice(1) : text) * (negative ? -1n : 1n)
      if (value < -(1n << 63n) || value >= 1n << 63n) throw invalid(at, `Invalid integer literal: ${text}`)
      return intLiteral(value)
    }
    case 'FLOAT64':
      return floatLiteral(text)
    case 'STRING':
      return stringLiteral(text)
    case 'BYTES':
      return typed(`unhex('${Buffer.from(text, 'latin1').toString('hex')}')`, BYTES)
    case 'NUMERIC':
      return numericLiteral(text, at)
    case 'BIGNUMERIC':
      return bignumericLiteral(text, at)
    case 'JSON': {
      const json = canonicalJson(text, 'exact')
      if (json === null) throw invalid(at, 'Invalid JSON literal')
      return typed(stringLiteral(json).sql, JSON_TYPE)
    }
    case 'DATE':
    case 'DATETIME':
    case 'TIME':
    case 'TIMESTAMP':
      return temporalLiteral(text, { kind: 'scalar', name: literal.type }, at)
  }
}

function analyzeName(name: string, at: number, env: Env): Typed {
  const found = lookUp(env.scope, name, at)
  if (found?.kind === 'value') return found.value
  if (found) return rowValue(found, at)
  const variable = env.context.variables.get(name.toLowerCase())
  if (variable) return variable
  throw invalid(at, `Unrecognized name: ${name}`)
}

function analyzeField(expression: Expression & { kind: 'field' }, env: Env): Typed {
  const { object, field } = expression
  if (object.kind === 'name') {
    const found = findRelation(env.scope, object.name)
    const column = found && relationColumn(found, field.text, field.at)
    if (column) return column
    if (found && !found.relation.value)
      throw invalid(field.at, `Name ${field.text} not found inside ${object.name}`)
  }
  return fieldOf(analyzeExpression(object, env), field.text, field.at)
}

/** value.name of a STRUCT or JSON. */
export function fieldOf(value: Typed, name: string, at: number): Typed {
  if (isScalar(value.type, 'JSON')) return jsonField(value, name)
  if (value.type.kind !== 'struct')
    throw invalid(at, `Cannot access field ${name} on a value with type ${typeText(value.type)}`)
  const wanted = name.toLowerCase()
  const matches = value.type.fields.flatMap((field, i) => (field.name?.toLowerCase() === wanted ? [i] : []))
  if (matches.length === 0) throw invalid(at, `Field name ${name} does not exist in ${typeText(value.type)}`)
  if (matches.length > 1) throw invalid(at, `Field name ${name} is ambiguous`)
  const i = matches[0]!
  return typed(`(${value.sql}).${quoteName(structNames(value.type.fields)[i]!)}`, value.type.fields[i]!.type)
}

function analyzeParameter(expression: Expression & { kind: 'parameter' }, env: Env): Typed {
  const { name, position, at } = expression
  const { named, positional } = env.context
  const value = name === null ? positional[position] : named.get(name.toLowerCase())
  if (!value)
    throw invalid(at, name === null ? 'Query parameter not found' : `Query parameter '${name}' not found`)
  return value
}

function systemVariable(name: string, at: number, env: Env): Typed {
  const value = env.context.system.get(name.toLowerCase())
  if (!value) throw unsupported(at, `system variable @@${name}`)
  return value
}

function analyzeCase(expression: Expression & { kind: 'case' }, env: Env): Typed {
  const { operand, whens, otherwise, at } = expression
  const results = [
    ...whens.map((when) => analyzeExpression(when.then, env)),
    otherwise ? analyzeExpression(otherwise, env) : NULL,
  ]
  const type = commonType(results, at)
  if (!type)
    throw invalid(
      at,
      `No matching signature for operator CASE; all THEN/ELSE arguments must be coercible to a common type but found: ${results.map((r) => typeText(r.type)).join(', ')}`,
    )
  const branches = whens.map(({ when, then }, i) => {
    const condition = operand
      ? analyzeOperator({ kind: 'binary', at: when.at, operator: '=', left: operand, right: when }, env)
      : coerceOrFail(analyzeExpression(when, env), BOOL, when.at, 'CASE condition')
    return `WHEN ${condition.sql} THEN ${coerceOrFail(results[i]!, type, then.at).sql}`
  })
  const last = coerceOrFail(results.at(-1)!, type, at)
  return typed(`CASE ${branches.join(' ')} ELSE ${last.sql} END`, type)
}

function analyzeArray(expression: Expression & { kind: 'array' }, env: Env): Typed {
  const { at } = expression
  const items = expression.items.map((item) => analyzeExpression(item, env))
  const element = expression.element ? resolveType(expression.element) : commonType(items, at)
  if (!element && items.length > 0)
    throw invalid(
      at,
      `Array elements of types {${items.map((item) => typeText(item.type)).join(', ')}} do not have a common supertype`,
    )
  const type: Type = element ?? INT64
  if (type.kind === 'array')
    throw invalid(
      at,
      `Cannot construct array with element type ${typeText(type)} because nested arrays are not supported`,
    )
  const array = arrayLiteral(
    items.map((item, i) => coerceOrFail(item, type, expression.items[i]!.at, 'Array element')),
    type,
  )
  // With a declared type, the elements have stopped being literals.
  return expression.element
    ? typed(array.sql, arrayOf(type))
    : { ...array, literal: { kind: 'array', items } }
}

function analyzeStruct(expression: Expression & { kind: 'struct' }, env: Env): Typed {
  const items = expression.items.map((item) => analyzeExpression(item.value, env))
  if (expression.type) return declaredStruct(expression.type, items, expression.at)
  const type = structOf(
    expression.items.map((item, i) => ({
      name: item.name ?? implicitName(item.value),
      type: items[i]!.type,
    })),
  )
  return type.kind === 'struct' ? packStruct(items, type) : nullOf(type)
}

function declaredStruct(syntax: TypeSyntax, items: readonly Typed[], at: number): Typed {
  const type = resolveType(syntax)
  if (type.kind !== 'struct' || type.fields.length !== items.length)
    throw invalid(at, 'STRUCT type and its values differ in number of fields')
  const values = items.map((item, i) => coerceOrFail(item, type.fields[i]!.type, at, 'STRUCT field'))
  return typed(packStruct(values, type).sql, type)
}

/** The name that a column or field gets without an alias. */
export function implicitName(expression: Expression): string | null {
  if (expression.kind === 'name') return expression.name
  return expression.kind === 'field' ? expression.field.text : null
}

/** A condition: BOOL or refused. */
export function analyzeCondition(expression: Expression, env: Env, clause: string): Typed {
  const value = analyzeExpression(expression, env)
  const bool = coerce(value, BOOL, expression.at)
  if (!bool)
    throw invalid(expression.at, `${clause} should return type BOOL, but returns ${typeText(value.type)}`)
  return bool
}

export function analyzeText(expression: Expression, env: Env): Typed {
  return coerceOrFail(analyzeExpression(expression, env), STRING, expression.at)
}
