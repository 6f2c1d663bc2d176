import { analyzeExpression } from '../analyze/expression.ts'
import type { CallNode } from '../analyze/call.ts'
import { coerce, coerceOrFail, commonType } from '../analyze/coerce.ts'
import { castValue } from '../analyze/cast.ts'
import type { Env } from '../analyze/context.ts'
import { lookUp } from '../analyze/scope.ts'
import {
  boundaries,
  civil,
  datePart,
  needsParts,
  type Part,
  shift,
  truncate,
  zoneSql,
} from '../analyze/dates.ts'
import { toInstant } from '../analyze/zones.ts'
import { isNullLiteral, typed, type Typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  DATETIME,
  INT64,
  isScalar,
  STRING,
  TIME,
  TIMESTAMP,
  type Type,
  typeText,
} from '../types/type.ts'
import { dateArray } from './array.ts'
import { formatCall } from './format.ts'
import { debuggingForms } from './debugging.ts'
import { intervalForms } from './intervals.ts'
import { jsonConstructors } from './json-build.ts'
import { jsonEdits } from './json-edit.ts'

/** A function whose arguments are more than values: date parts, intervals, names. */
export type SpecialForm = (call: CallNode, env: Env) => Typed

function argument(call: CallNode, i: number): Expression {
  const value = call.arguments[i]
  if (!value) throw invalid(call.at, `Number of arguments does not match for function ${call.name[0]!.text}`)
  if (value.name !== null) throw unsupported(value.at, `named argument ${value.name}`)
  return value.value
}

function arity(call: CallNode, least: number, most = least): void {
  if (call.arguments.length < least || call.arguments.length > most)
    throw invalid(
      call.at,
      `Number of arguments does not match for function ${call.name.at(-1)!.text.toUpperCase()}`,
    )
}

function value(call: CallNode, i: number, type: Type, env: Env): Typed {
  const expression = argument(call, i)
  const given = analyzeExpression(expression, env)
  const result = coerce(given, type, expression.at)
  if (!result) throw noMatch(call, env)
  return result
}

/** No signature fits: the arguments' types, with date parts and intervals as BigQuery names them. */
function noMatch(call: CallNode, env: Env): Error {
  const types = call.arguments.map(({ value: given }, i) => {
    if (given.kind === 'interval') return 'INTERVAL INT64 DATE_TIME_PART'
    const part =
      given.kind === 'name' &&
      i > 0 &&
      /^[A-Z]+$/i.test(given.name) &&
      !lookUp(env.scope, given.name, given.at)
    return part ? 'DATE_TIME_PART' : typeText(analyzeExpression(given, env).type)
  })
  return invalid(
    call.at,
    `No matching signature for function ${call.name.map((part) => part.text.toUpperCase()).join('.')} for argument types: ${types.join(', ')}`,
  )
}

/** DATE_ADD(value, INTERVAL n PART). DATE_… takes also DATETIME and TIMESTAMP. */
function adder(type: Type, minus: boolean): SpecialForm {
  return (call, env) => {
    arity(call, 2)
    const interval = argument(call, 1)
    if (interval.kind !== 'interval') throw invalid(interval.at, 'INTERVAL expression expected')
    return shift(temporal(call, type, env), interval, minus, env)
  }
}

/** The first argument; DATE functions take the other civil types as they are. */
function temporal(call: CallNode, type: Type, env: Env): Typed {
  const expression = argument(call, 0)
  const given = analyzeExpression(expression, env)
  if (isScalar(type, 'DATE') && isScalar(given.type, 'DATETIME', 'TIMESTAMP')) return given
  const truncated = call.name[0]!.text.toUpperCase() === 'TIMESTAMP_TRUNC'
  if (truncated && isScalar(given.type, 'DATETIME')) return given
  if (isScalar(type, 'DATETIME') && isScalar(given.type, 'DATE')) return typed(civil(given), DATETIME)
  const result = coerce(given, type, expression.at)
  if (!result) throw noMatch(call, env)
  return result
}

function truncator(type: Type): SpecialForm {
  return (call, env) => {
    arity(call, 1, 3)
    const x = temporal(call, type, env)
    const part = call.arguments.length > 1 ? datePart(argument(call, 1)) : { name: 'DAY', weekday: 0 }
    needsParts(x.type, part, call.at, call.name[0]!.text.toUpperCase())
    if (isScalar(x.type, 'TIMESTAMP')) {
      const zone = call.arguments[2] ? zoneSql(argument(call, 2), env) : `'UTC'`
      const sub = ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR'].includes(part.name)
      // Below a day the zone changes nothing but for odd offsets, and the way back from civil time may be ambiguous.
      if (sub && (part.name !== 'HOUR' || !call.arguments[2]))
        return typed(toInstant(truncate(civil(x), part, call.at)), TIMESTAMP)
      return typed(toInstant(truncate(civil(x, zone), part, call.at), zone), TIMESTAMP)
    }
    if (call.arguments.length > 2) throw invalid(call.at, 'A time zone is only allowed with TIMESTAMP')
    if (isScalar(x.type, 'TIME'))
      return typed(`CAST(${truncate(`(DATE '1970-01-01' + ${x.sql})`, part, call.at)} AS TIME)`, TIME)
    const sql = truncate(civil(x), part, call.at)
    return typed(isScalar(x.type, 'DATE') ? `CAST(${sql} AS DATE)` : sql, x.type)
  }
}

function difference(type: Type): SpecialForm {
  return (call, env) => {
    arity(call, 3)
    const [a, b] = [0, 1].map((i) => value(call, i, type, env))
    const part = datePart(argument(call, 2))
    needsParts(type, part, call.at, call.name[0]!.text.toUpperCase())
    return typed(`CAST(${boundaries(civil(a!), civil(b!), part, call.at)} AS BIGINT)`, INT64)
  }
}

const microseconds: Readonly<Record<string, number>> = {
  MICROSECOND: 1,
  MILLISECOND: 1e3,
  SECOND: 1e6,
  MINUTE: 6e7,
  HOUR: 3.6e9,
  DAY: 8.64e10,
}

/** Whole units between two instants, cut towards zero. */
function instantDifference(type: Type): SpecialForm {
  return (call, env) => {
    arity(call, 3)
    const [a, b] = [0, 1].map((i) => value(call, i, type, env))
    const part = datePart(argument(call, 2))
    const size = microseconds[part.name]
    if (!size || (isScalar(type, 'TIME') && part.name === 'DAY'))
      throw invalid(call.at, `${typeText(type)}_DIFF does not support the ${part.name} date part`)
    if (isScalar(type, 'TIME'))
      return typed(`((epoch_us(${a!.sql}) // ${size}) - (epoch_us(${b!.sql}) // ${size}))`, INT64)
    return typed(`((epoch_us(${a!.sql}) - epoch_us(${b!.sql})) // ${size})`, INT64)
  }
}

const lastDay: SpecialForm = (call, env) => {
  arity(call, 1, 2)
  const x = temporal(call, DATE, env)
  const part: Part = call.arguments.length > 1 ? datePart(argument(call, 1)) : { name: 'MONTH', weekday: 0 }
  const steps: Record<string, string> = {
    YEAR: 'to_years(1)',
    QUARTER: 'to_months(3)',
    MONTH: 'to_months(1)',
    WEEK: 'to_days(7)',
    ISOWEEK: 'to_days(7)',
  }
  if (part.name === 'ISOYEAR') {
    // The week of 4 January is the year's first.
    const next = `make_date(CAST(isoyear(${x.sql}) AS BIGINT) + 1, 1, 4)`
    return typed(`CAST(date_trunc('week', ${next}) - to_days(1) AS DATE)`, DATE)
  }
  const step = steps[part.name]
  if (!step) throw invalid(call.at, `LAST_DAY does not support the ${part.name} date part`)
  return typed(`CAST(${truncate(civil(x), part, call.at)} + ${step} - to_days(1) AS DATE)`, DATE)
}

const generateDates: SpecialForm = (call, env) => {
  arity(call, 2, 3)
  const [start, end] = [0, 1].map((i) => value(call, i, DATE, env))
  const interval = call.arguments[2]?.value
  if (!interval) return typed(dateArray(start!.sql, end!.sql, 'to_days(1)', 'FALSE'), arrayOf(DATE))
  if (interval.kind !== 'interval') throw invalid(call.at, 'INTERVAL expression expected')
  const n = coerceOrFail(analyzeExpression(interval.value, env), INT64, interval.at)
  const months: Record<string, number> = { MONTH: 1, QUARTER: 3, YEAR: 12 }
  const days: Record<string, number> = { DAY: 1, WEEK: 7 }
  const unit = months[interval.part]
    ? `to_months(CAST(${n.sql} * ${months[interval.part]} AS INTEGER))`
    : days[interval.part]
      ? `to_days(CAST(${n.sql} * ${days[interval.part]} AS INTEGER))`
      : null
  if (!unit) throw invalid(interval.at, `GENERATE_DATE_ARRAY does not support the ${interval.part} date part`)
  if (n.literal?.kind === 'int' && n.literal.value === 0n)
    throw invalid(interval.at, 'Sequence step cannot be 0.')
  return typed(dateArray(start!.sql, end!.sql, unit, `${n.sql} < 0`), arrayOf(DATE))
}

const generateTimestamps: SpecialForm = (call, env) => {
  arity(call, 3)
  const [start, end] = [0, 1].map((i) => value(call, i, TIMESTAMP, env))
  const interval = argument(call, 2)
  if (interval.kind !== 'interval') throw invalid(call.at, 'INTERVAL expression expected')
  const size = microseconds[interval.part]
  if (!size)
    throw invalid(interval.at, `GENERATE_TIMESTAMP_ARRAY does not support the ${interval.part} date part`)
  const n = coerceOrFail(analyzeExpression(interval.value, env), INT64, interval.at)
  return typed(
    `list_transform(generate_series(epoch_us(${start!.sql}), epoch_us(${end!.sql}), ${n.sql} * ${size}), lambda u: make_timestamptz(u))`,
    arrayOf(TIMESTAMP),
  )
}

const ifForm: SpecialForm = (call, env) => {
  arity(call, 3)
  const [condition, ...results] = call.arguments.map((_, i) => analyzeExpression(argument(call, i), env))
  if (!coerce(condition!, BOOL, call.at) || !commonType(results, call.at)) throw noMatch(call, env)
  return analyzeExpression(
    {
      kind: 'case',
      at: call.at,
      operand: null,
      whens: [{ when: argument(call, 0), then: argument(call, 1) }],
      otherwise: argument(call, 2),
    },
    env,
  )
}

/** All BYTES, or anything that casts to STRING. */
const concat: SpecialForm = (call, env) => {
  const values = call.arguments.map((_, i) => analyzeExpression(argument(call, i), env))
  if (values.length === 0) throw invalid(call.at, 'Number of arguments does not match for function CONCAT')
  const bytes = values.some((item) => isScalar(item.type, 'BYTES'))
  const type = bytes ? BYTES : STRING
  const parts = values.map((item) => {
    const fits =
      item.type.kind === 'scalar' &&
      item.type.name !== 'JSON' &&
      (!bytes || isScalar(item.type, 'BYTES') || isNullLiteral(item))
    if (!fits)
      throw invalid(
        call.at,
        `No matching signature for function CONCAT for argument types: ${values.map((other) => typeText(other.type)).join(', ')}`,
      )
    return castValue(item, type, false, call.at).sql
  })
  return typed(`(${parts.join(' || ')})`, type)
}

const errorForm: SpecialForm = (call, env) => {
  arity(call, 1)
  return { sql: `bq_error(${value(call, 0, STRING, env).sql})`, type: INT64, literal: { kind: 'never' } }
}

/** EDIT_DISTANCE(a, b, max_distance => n), which is never more than n. */
const editDistance: SpecialForm = (call, env) => {
  const named = call.arguments.find((item) => item.name?.toLowerCase() === 'max_distance')
  const plain: CallNode = { ...call, arguments: call.arguments.filter((item) => item !== named) }
  arity(plain, 2)
  const [a, b] = [0, 1].map((i) => analyzeExpression(argument(plain, i), env))
  const type = [a!, b!].every((item) => isScalar(item.type, 'BYTES')) ? BYTES : STRING
  const [x, y] = [0, 1].map((i) => value(plain, i, type, env).sql)
  const text = (sql: string): string => (type === BYTES ? `bq_bytes_text(${sql})` : sql)
  const distance = `bq_edit_distance(${text(x!)}, ${text(y!)})`
  if (!named) return typed(distance, INT64)
  const most = coerceOrFail(analyzeExpression(named.value, env), INT64, named.at, 'max_distance')
  if (most.literal?.kind === 'int' && most.literal.value <= 0n)
    throw invalid(named.at, 'max_distance must be positive')
  return typed(`CASE WHEN ${most.sql} IS NOT NULL THEN LEAST(${distance}, ${most.sql}) END`, INT64)
}

const normalForms = new Set(['NFC', 'NFKC', 'NFD', 'NFKD'])

/** NORMALIZE(text, NFKC): the form is a word of its own. */
function normalizer(fold: boolean): SpecialForm {
  return (call, env) => {
    arity(call, 1, 2)
    const form = call.arguments[1] ? argument(call, 1) : null
    const name = form === null ? 'NFC' : form.kind === 'name' ? form.name.toUpperCase() : ''
    if (!normalForms.has(name)) throw invalid(call.at, 'A valid normalize mode is required')
    return typed(
      `bq_normalize(${value(call, 0, STRING, env).sql}, '${name}', ${fold ? 'TRUE' : 'FALSE'})`,
      STRING,
    )
  }
}

export const special: ReadonlyMap<string, SpecialForm> = new Map<string, SpecialForm>([
  ...(
    [
      ['DATE', DATE],
      ['DATETIME', DATETIME],
      ['TIMESTAMP', TIMESTAMP],
      ['TIME', TIME],
    ] as const
  ).flatMap(([name, type]): [string, SpecialForm][] => [
    [`${name}_ADD`, adder(type, false)],
    [`${name}_SUB`, adder(type, true)],
    [`${name}_TRUNC`, truncator(type)],
    [`${name}_DIFF`, name === 'TIMESTAMP' || name === 'TIME' ? instantDifference(type) : difference(type)],
  ]),
  ['LAST_DAY', lastDay],
  ['GENERATE_DATE_ARRAY', generateDates],
  ['GENERATE_TIMESTAMP_ARRAY', generateTimestamps],
  ['IF', ifForm],
  ['CONCAT', concat],
  ['ERROR', errorForm],
  ['NORMALIZE', normalizer(false)],
  ['NORMALIZE_AND_CASEFOLD', normalizer(true)],
  ['EDIT_DISTANCE', editDistance],
  ['FORMAT', formatCall],
  ...jsonConstructors,
  ...jsonEdits,
  ...intervalForms,
  ...debuggingForms,
])
