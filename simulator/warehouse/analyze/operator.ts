import { invalid } from '../../../sql/problem.ts'
import type { BinaryOperator, Expression } from '../../../sql/syntax.ts'
import {
  arrayOf,
  BOOL,
  FLOAT64,
  INT64,
  INTERVAL,
  isNumber,
  isOrderable,
  isScalar,
  STRING,
  type Type,
  typeText,
} from '../types/type.ts'
import { quoteName, structNames } from '../types/duck.ts'
import { coerce, coerceOrFail, commonType } from './coerce.ts'
import type { Env } from './context.ts'
import { addInterval } from './dates.ts'
import { analyzeExpression } from './expression.ts'
import { failText, failWith } from './fail.ts'
import { analyzeInQuery } from './subquery.ts'
import { isNullLiteral, nullOf, typed, type Typed } from './typed.ts'

type Operator = Expression & { kind: 'unary' | 'binary' | 'is' | 'distinct' | 'between' | 'in' | 'like' }

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/operators */
export function analyzeOperator(expression: Operator, env: Env): Typed {
  switch (expression.kind) {
    case 'unary':
      return unary(expression, env)
    case 'binary':
      return binary(expression, env)
    case 'is': {
      const value = analyzeExpression(expression.operand, env)
      if (expression.test !== 'NULL') coerceOrFail(value, BOOL, expression.at, 'Operand of IS')
      const test = expression.test === 'UNKNOWN' ? 'NULL' : expression.test
      return typed(`(${value.sql} IS ${expression.not ? 'NOT ' : ''}${test})`, BOOL)
    }
    case 'distinct': {
      const [left, right] = comparable(
        'IS DISTINCT FROM',
        expression.left,
        expression.right,
        expression.at,
        env,
      )
      return typed(`(${left.sql} IS ${expression.not ? 'NOT ' : ''}DISTINCT FROM ${right.sql})`, BOOL)
    }
    case 'between':
      return between(expression, env)
    case 'in':
      return inOperator(expression, env)
    case 'like':
      return like(expression, env)
  }
}

function unary(expression: Expression & { kind: 'unary' }, env: Env): Typed {
  const value = analyzeExpression(expression.operand, env)
  const { operator, at } = expression
  if (operator === 'NOT') return typed(`(NOT ${need(value, BOOL, 'NOT', at).sql})`, BOOL)
  if (operator === '~' && isScalar(value.type, 'BYTES'))
    return typed(`bq_bytes_not(${value.sql})`, value.type)
  if (operator === '~') return typed(`(~${need(value, INT64, '~', at).sql})`, INT64)
  const negatable = isNumber(value.type) || (operator === '-' && isScalar(value.type, 'INTERVAL'))
  if (!negatable) throw noSignature(operator, [value], at)
  if (operator === '+') return value
  return typed(
    isScalar(value.type, 'BIGNUMERIC') ? `bq_bignumeric_negate(${value.sql})` : `(-${value.sql})`,
    value.type,
  )
}

function binary(expression: Expression & { kind: 'binary' }, env: Env): Typed {
  const { operator, at } = expression
  const interval = dateInterval(expression, env)
  if (interval) return interval
  if (operator === 'AND' || operator === 'OR') {
    const sides = [expression.left, expression.right].map((side) => analyzeExpression(side, env))
    const [left, right] = sides.map((side) => coerce(side, BOOL, at))
    if (!left || !right) throw noSignature(operator, sides, at)
    return typed(`(${left.sql} ${operator} ${right.sql})`, BOOL)
  }
  if (['=', '!=', '<', '<=', '>', '>='].includes(operator)) {
    const [left, right] = comparable(operator, expression.left, expression.right, at, env)
    return compare(operator, left, right)
  }
  const left = analyzeExpression(expression.left, env)
  const right = analyzeExpression(expression.right, env)
  if (operator === '||') return concatenate(left, right, at)
  if (['&', '|', '^', '<<', '>>'].includes(operator)) return bits(operator, left, right, at)
  return arithmetic(operator as '+' | '-' | '*' | '/', left, right, at)
}

function dateInterval(expression: Expression & { kind: 'binary' }, env: Env): Typed | null {
  const { operator, left, right, at } = expression
  if (operator !== '+' && operator !== '-') return null
  if (left.kind !== 'interval' && right.kind !== 'interval') return null
  const [a, b] = [analyzeExpression(left, env), analyzeExpression(right, env)]
  if (isScalar(a.type, 'INTERVAL') && isScalar(b.type, 'INTERVAL')) return null
  if (right.kind === 'interval') return addInterval(a, b, right, operator === '-', at)
  return operator === '+' ? addInterval(b, a, left, false, at) : null
}

/** Arithmetic with INTERVAL, and differences of dates and times, which are one. */
function intervalArithmetic(operator: string, a: Typed, b: Typed, at: number): Typed | null {
  const interval = [isScalar(a.type, 'INTERVAL'), isScalar(b.type, 'INTERVAL')]
  const sum = operator === '+' || operator === '-'
  if (interval[0] && interval[1]) return sum ? typed(`(${a.sql} ${operator} ${b.sql})`, INTERVAL) : null
  const none: Expression = { kind: 'default', at }
  if (interval[1] && sum && !isNumber(a.type)) return addInterval(a, b, none, operator === '-', at)
  if (interval[0] && operator === '+' && !isNumber(b.type)) return addInterval(b, a, none, false, at)
  if (interval[0] && isScalar(b.type, 'INT64')) {
    if (operator === '*') return typed(`(${a.sql} * ${b.sql})`, INTERVAL)
    if (operator === '/') return typed(`bq_interval_divide(${a.sql}, ${b.sql})`, INTERVAL)
  }
  if (interval[1] && isScalar(a.type, 'INT64') && operator === '*')
    return typed(`(${b.sql} * ${a.sql})`, INTERVAL)
  if (operator !== '-') return null
  const type = commonType([a, b], at)
  if (!type || !isScalar(type, 'DATE', 'DATETIME', 'TIMESTAMP', 'TIME') || a.type.kind !== 'scalar')
    return null
  const [x, y] = [coerceOrFail(a, type, at), coerceOrFail(b, type, at)]
  if (isScalar(type, 'DATE')) return typed(`to_days(CAST(${x.sql} - ${y.sql} AS INTEGER))`, INTERVAL)
  return typed(`to_microseconds(epoch_us(${x.sql}) - epoch_us(${y.sql}))`, INTERVAL)
}

/** NaN equals nothing and is neither less nor greater; DuckDB would have it equal to itself and greatest. */
export function compare(operator: BinaryOperator, left: Typed, right: Typed): Typed {
  if (left.type.kind === 'struct') return compareStructs(operator, left, right)
  const ordered = isScalar(left.type, 'BIGNUMERIC') && operator !== '=' && operator !== '!='
  const [a, b] = [left, right].map((side) => (ordered ? `bq_bignumeric_key(${side.sql})` : side.sql))
  const plain = `(${a} ${operator === '!=' ? '<>' : operator} ${b})`
  if (!isScalar(left.type, 'FLOAT64') || (left.literal && right.literal)) return typed(plain, BOOL)
  const tests = [left, right].filter((side) => !side.literal).map((side) => `isnan(${side.sql})`)
  return typed(
    `CASE WHEN ${tests.join(' OR ')} THEN ${operator === '!=' ? 'TRUE' : 'FALSE'} ELSE ${plain} END`,
    BOOL,
  )
}

/** Field by field: NULL fields make the answer NULL, while DuckDB would have them equal. */
function compareStructs(operator: BinaryOperator, left: Typed, right: Typed): Typed {
  const { type } = left
  if (type.kind !== 'struct' || type.fields.length === 0)
    return typed(`(${left.sql} IS NOT NULL AND ${right.sql} IS NOT NULL)`, BOOL)
  const names = structNames(type.fields)
  const tests = type.fields.map((field, i) => {
    const part = (value: Typed): Typed => typed(`(${value.sql}).${quoteName(names[i]!)}`, field.type)
    return compare('=', part(left), part(right)).sql
  })
  const equal = `(${tests.join(' AND ')})`
  return typed(operator === '!=' ? `(NOT ${equal})` : equal, BOOL)
}

/** Both sides of a comparison in one type that can be compared. */
function comparable(operator: string, a: Expression, b: Expression, at: number, env: Env): [Typed, Typed] {
  const values = [analyzeExpression(a, env), analyzeExpression(b, env)]
  return comparableValues(operator, values, at) as [Typed, Typed]
}

function comparableValues(operator: string, values: readonly Typed[], at: number): Typed[] {
  const type = commonType(values, at)
  const equality = ['=', '!=', 'IN', 'IS DISTINCT FROM'].includes(operator)
  const fits = type && (isOrderable(type) || (equality && type.kind === 'struct'))
  if (!fits) throw incomparable(operator, type, values, at)
  return values.map((value) => {
    const coerced = coerceOrFail(value, type, at)
    return value.literal ? { ...coerced, literal: value.literal } : coerced
  })
}

const comparisons: Readonly<Record<string, string>> = {
  '<': 'Less than',
  '<=': 'Less than',
  '>': 'Greater than',
  '>=': 'Greater than',
}

function incomparable(operator: string, type: Type | null, values: readonly Typed[], at: number): Error {
  if (type) {
    const what = comparisons[operator] ?? (operator === 'BETWEEN' ? 'BETWEEN' : 'Equality')
    const scalar = type.kind === 'scalar'
    return scalar
      ? noSignature(operator, values, at)
      : invalid(at, `${what} is not defined for arguments of type ${typeText(type)}`)
  }
  const dated = values.find((value) => isScalar(value.type, 'DATE', 'DATETIME', 'TIME', 'TIMESTAMP'))
  const text = values.find((value) => value.literal?.kind === 'string')
  if (dated && text?.literal?.kind === 'string')
    return invalid(
      at,
      `Could not cast literal ${JSON.stringify(text.literal.value)} to type ${typeText(dated.type)}`,
    )
  if (operator !== 'IN') return noSignature(operator, values, at)
  const [operand, ...items] = values
  return invalid(
    at,
    `No matching signature for operator IN for argument types ${typeText(operand!.type)} and {${items.map((item) => typeText(item.type)).join(', ')}}`,
  )
}

function between(expression: Expression & { kind: 'between' }, env: Env): Typed {
  const values = [expression.operand, expression.low, expression.high].map((part) =>
    analyzeExpression(part, env),
  )
  const [value, low, high] = comparableValues('BETWEEN', values, expression.at)
  const inside = `(${compare('>=', value!, low!).sql} AND ${compare('<=', value!, high!).sql})`
  return typed(expression.not ? `(NOT ${inside})` : inside, BOOL)
}

function inOperator(expression: Expression & { kind: 'in' }, env: Env): Typed {
  const { source, at, not } = expression
  const operand = analyzeExpression(expression.operand, env)
  const word = not ? 'NOT IN' : 'IN'
  if (source.kind === 'query') return analyzeInQuery(operand, source.query, not, at, env)
  if (source.kind === 'list') {
    const [value, ...items] = comparableValues(
      'IN',
      [operand, ...source.items.map((item) => analyzeExpression(item, env))],
      at,
    )
    if (value!.type.kind === 'struct' || isScalar(value!.type, 'FLOAT64')) {
      const tests = `(${items.map((item) => compare('=', value!, item).sql).join(' OR ')})`
      return typed(not ? `(NOT ${tests})` : tests, BOOL)
    }
    return typed(`(${value!.sql} ${word} (${items.map((item) => item.sql).join(', ')}))`, BOOL)
  }
  const array = analyzeExpression(source.array, env)
  if (array.type.kind !== 'array')
    throw invalid(at, `Second argument of IN UNNEST must be an array but was ${typeText(array.type)}`)
  const elements = array.literal?.kind === 'array' ? array.literal.items : [typed('NULL', array.type.element)]
  const type = commonType([operand, ...elements], at)
  if (!type) throw noSignature('IN UNNEST', [operand, array], at)
  const value = coerceOrFail(operand, type, at)
  const list = coerceOrFail(array, arrayOf(type), at)
  // x IN UNNEST(NULL) is FALSE; a NULL among the elements makes the answer NULL unless x is found.
  const contains = `CASE WHEN len(COALESCE(${list.sql}, [])) = 0 THEN FALSE WHEN ${value.sql} IS NULL THEN NULL WHEN list_contains(${list.sql}, ${value.sql}) THEN TRUE WHEN list_count(${list.sql}) < len(${list.sql}) THEN NULL ELSE FALSE END`
  return typed(not ? `(NOT ${contains})` : contains, BOOL)
}

function like(expression: Expression & { kind: 'like' }, env: Env): Typed {
  const operand = analyzeExpression(expression.operand, env)
  if (expression.array) return likeArray(expression, operand, expression.array, env)
  const patterns = expression.patterns.map((pattern) => analyzeExpression(pattern, env))
  const value = coerce(operand, STRING, expression.at)
  const texts = patterns.map((pattern) => coerce(pattern, STRING, expression.at))
  if (!value || texts.some((text) => text === null))
    throw noSignature('LIKE', [operand, ...patterns], expression.at)
  // NOT turns each pattern's answer over before ANY and ALL join them.
  const not = expression.not ? 'NOT ' : ''
  const tests = texts.map((text) => `(${not}${value.sql} LIKE ${text!.sql} ESCAPE '\\')`)
  return typed(
    tests.length === 1 ? tests[0]! : `(${tests.join(expression.quantifier === 'ALL' ? ' AND ' : ' OR ')})`,
    BOOL,
  )
}

/** LIKE with the patterns of an array: NULL where a NULL pattern could have decided. */
function likeArray(
  expression: Expression & { kind: 'like' },
  operand: Typed,
  source: Expression,
  env: Env,
): Typed {
  const array = analyzeExpression(source, env)
  const list = coerce(array, arrayOf(STRING), source.at)
  const value = coerce(operand, STRING, expression.at)
  if (!list || !value) throw noSignature('LIKE', [operand, array], expression.at)
  const any = expression.quantifier !== 'ALL'
  // What decides: for ANY a pattern whose answer is TRUE, for ALL one whose answer is FALSE.
  const deciding = any === expression.not ? 'NOT ' : ''
  const matching = `list_filter(${list.sql}, lambda p: ${deciding}(${value.sql} LIKE p ESCAPE '\\'))`
  const sql = `CASE WHEN len(COALESCE(${list.sql}, [])) = 0 THEN ${any ? 'FALSE' : 'TRUE'} WHEN ${value.sql} IS NULL THEN NULL WHEN len(${matching}) > 0 THEN ${any ? 'TRUE' : 'FALSE'} WHEN list_count(${list.sql}) < len(${list.sql}) THEN NULL ELSE ${any ? 'FALSE' : 'TRUE'} END`
  return typed(sql, BOOL)
}

function concatenate(left: Typed, right: Typed, at: number): Typed {
  const type = commonType([left, right], at)
  if (isNullLiteral(left) && isNullLiteral(right)) return nullOf(STRING)
  if (!type || !(type.kind === 'array' || isScalar(type, 'STRING', 'BYTES')))
    throw noSignature('||', [left, right], at)
  const [a, b] = [coerceOrFail(left, type, at), coerceOrFail(right, type, at)]
  if (type.kind !== 'array') return typed(`(${a.sql} || ${b.sql})`, type)
  return typed(
    `CASE WHEN ${a.sql} IS NULL OR ${b.sql} IS NULL THEN NULL ELSE list_concat(${a.sql}, ${b.sql}) END`,
    type,
  )
}

function bits(operator: string, left: Typed, right: Typed, at: number): Typed {
  const shifting = operator === '<<' || operator === '>>'
  if (isScalar(left.type, 'BYTES') && (shifting || isScalar(right.type, 'BYTES'))) {
    const name = { '&': 'and', '|': 'or', '^': 'xor', '<<': 'left', '>>': 'right' }[operator]!
    const by = shifting ? need(right, INT64, operator, at) : right
    return typed(`bq_bytes_${name}(${left.sql}, ${by.sql})`, left.type)
  }
  const [a, b] = [need(left, INT64, operator, at), need(right, INT64, operator, at)]
  if (operator === '^') return typed(`xor(${a.sql}, ${b.sql})`, INT64)
  if (operator === '&' || operator === '|') return typed(`(${a.sql} ${operator} ${b.sql})`, INT64)
  return typed(`bq_shift_${operator === '<<' ? 'left' : 'right'}(${a.sql}, ${b.sql})`, INT64)
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/operators#arithmetic_operators */
function arithmetic(operator: '+' | '-' | '*' | '/', left: Typed, right: Typed, at: number): Typed {
  const days = dateArithmetic(operator, left, right) ?? intervalArithmetic(operator, left, right, at)
  if (days) return days
  const [a, b] = [numberOrNull(left), numberOrNull(right)]
  if (!a || !b) throw noSignature(operator, [left, right], at)
  let type: Type | null = commonType([left, right], at)
  if (operator === '/' && type && isScalar(type, 'INT64')) type = FLOAT64
  if (!type || !isNumber(type)) throw noSignature(operator, [left, right], at)
  const [x, y] = [coerceOrFail(left, type, at), coerceOrFail(right, type, at)]
  if (operator === '/') return divide(x, y, type)
  if (operator === '*' && isScalar(type, 'NUMERIC'))
    return typed(`bq_numeric_multiply(${x.sql}, ${y.sql})`, type)
  if (isScalar(type, 'BIGNUMERIC')) {
    const name = { '+': 'add', '-': 'subtract', '*': 'multiply' }[operator]
    return typed(`bq_bignumeric_${name}(${x.sql}, ${y.sql})`, type)
  }
  const sql = `(${x.sql} ${operator} ${y.sql})`
  if (isScalar(type, 'FLOAT64')) return typed(finite(sql, x, y), type)
  return typed(isScalar(type, 'NUMERIC') ? `CAST(${sql} AS DECIMAL(38,9))` : sql, type)
}

/** Overflow is an error. The test repeats its operands, so long expressions go without it. */
function finite(sql: string, x: Typed, y: Typed): string {
  if (sql.length > 200 || (x.literal && y.literal)) return sql
  const failure = failText('Floating point overflow', FLOAT64)
  return `CASE WHEN isinf(${sql}) AND isfinite(${x.sql}) AND isfinite(${y.sql}) THEN ${failure} ELSE ${sql} END`
}

function numberOrNull(value: Typed): boolean {
  return isNullLiteral(value) || isNumber(value.type)
}

function divide(x: Typed, y: Typed, type: Type): Typed {
  const failure = failWith(
    `'division by zero: ' || regexp_replace(CAST(${x.sql} AS VARCHAR), '\\.0+$', '') || ' / 0'`,
    type,
  )
  const decimal = isScalar(type, 'NUMERIC')
    ? 'bq_numeric_divide'
    : isScalar(type, 'BIGNUMERIC')
      ? 'bq_bignumeric_divide'
      : null
  const sql = decimal ? `${decimal}(${x.sql}, ${y.sql})` : `${x.sql} / ${y.sql}`
  const zero = isScalar(type, 'BIGNUMERIC') ? `'0'` : '0'
  return typed(
    `CASE WHEN ${y.sql} = ${zero} THEN CASE WHEN ${x.sql} IS NOT NULL THEN ${failure} END ELSE ${sql} END`,
    type,
  )
}

/** DATE + INT64 counts days. */
function dateArithmetic(operator: string, left: Typed, right: Typed): Typed | null {
  const days = (value: Typed): boolean => isScalar(value.type, 'INT64')
  if (isScalar(left.type, 'DATE') && days(right) && (operator === '+' || operator === '-'))
    return typed(`(${left.sql} ${operator} CAST(${right.sql} AS INTEGER))`, left.type)
  if (isScalar(right.type, 'DATE') && days(left) && operator === '+')
    return typed(`(${right.sql} + CAST(${left.sql} AS INTEGER))`, right.type)
  return null
}

function need(value: Typed, type: Type, operator: string, at: number): Typed {
  const coerced = coerce(value, type, at)
  if (!coerced) throw noSignature(operator, [value], at)
  return coerced
}

function noSignature(operator: string, values: readonly Typed[], at: number): Error {
  return invalid(
    at,
    `No matching signature for operator ${operator} for argument types: ${values.map((value) => typeText(value.type)).join(', ')}`,
  )
}
