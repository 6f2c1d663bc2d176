import { invalid } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import { intervalPart, parseInterval } from '../types/interval.ts'
import {
  DATE,
  DATETIME,
  INT64,
  INTERVAL,
  isScalar,
  TIME,
  TIMESTAMP,
  type Type,
  typeText,
} from '../types/type.ts'
import { coerce } from './coerce.ts'
import type { Env } from './context.ts'
import { analyzeExpression, analyzeText } from './expression.ts'
import { failText } from './fail.ts'
import { constantText, typed, type Typed } from './typed.ts'
import { checkZone, toCivil } from './zones.ts'

/** A date part: DAY, WEEK, WEEK(MONDAY) … */
export interface Part {
  readonly name: string
  /** 0 = Sunday, with WEEK. */
  readonly weekday: number
}

const weekdays = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY']

export function datePart(expression: Expression): Part {
  if (expression.kind === 'name' && !expression.quoted)
    return { name: expression.name.toUpperCase(), weekday: 0 }
  if (expression.kind === 'call' && expression.name[0]?.text.toUpperCase() === 'WEEK') {
    const day = expression.arguments[0]?.value
    const weekday = day?.kind === 'name' ? weekdays.indexOf(day.name.toUpperCase()) : -1
    if (weekday >= 0) return { name: 'WEEK', weekday }
  }
  throw invalid(expression.at, 'A valid date part name is required')
}

/** A zone in SQL, checked here when it is a constant. */
export function zoneSql(expression: Expression, env: Env): string {
  return checkZone(analyzeText(expression, env).sql, expression.at)
}

/** The civil time of a DATE, DATETIME or TIMESTAMP, as DuckDB's TIMESTAMP. */
export function civil(value: Typed, zone = `'UTC'`): string {
  if (isScalar(value.type, 'TIMESTAMP')) return toCivil(value.sql, zone)
  return isScalar(value.type, 'DATE') ? `CAST(${value.sql} AS TIMESTAMP)` : value.sql
}

const extracted: Readonly<Record<string, (x: string, week: number) => string>> = {
  MICROSECOND: (x) => `(epoch_us(${x}) % 1000000 + 1000000) % 1000000`,
  MILLISECOND: (x) => `((epoch_us(${x}) % 1000000 + 1000000) % 1000000) // 1000`,
  SECOND: (x) => `second(${x})`,
  MINUTE: (x) => `minute(${x})`,
  HOUR: (x) => `hour(${x})`,
  DAYOFWEEK: (x) => `dayofweek(${x}) + 1`,
  DAY: (x) => `day(${x})`,
  DAYOFYEAR: (x) => `dayofyear(${x})`,
  // Days before the first chosen weekday of the year are week 0.
  WEEK: (x, week) => `(dayofyear(${x}) + 6 - (dayofweek(${x}) - ${week} + 7) % 7) // 7`,
  ISOWEEK: (x) => `week(${x})`,
  MONTH: (x) => `month(${x})`,
  QUARTER: (x) => `quarter(${x})`,
  YEAR: (x) => `year(${x})`,
  ISOYEAR: (x) => `isoyear(${x})`,
}

const timeParts = ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR']

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/timestamp_functions#extract */
export function analyzeExtract(expression: Expression & { kind: 'extract' }, env: Env): Typed {
  const { at } = expression
  const part = datePart(expression.part)
  const value = analyzeExpression(expression.operand, env)
  if (isScalar(value.type, 'INTERVAL')) return intervalPartOf(value, part.name, at)
  if (!isScalar(value.type, 'DATE', 'DATETIME', 'TIME', 'TIMESTAMP'))
    throw invalid(at, `EXTRACT from type ${typeText(value.type)} is not supported`)
  if (expression.zone && !isScalar(value.type, 'TIMESTAMP'))
    throw invalid(at, `EXTRACT from ${typeText(value.type)} does not support AT TIME ZONE`)
  const x = civil(value, expression.zone ? zoneSql(expression.zone, env) : `'UTC'`)
  if (part.name === 'DATE' && isScalar(value.type, 'DATETIME', 'TIMESTAMP'))
    return typed(`CAST(${x} AS DATE)`, DATE)
  if (part.name === 'TIME' && isScalar(value.type, 'DATETIME', 'TIMESTAMP'))
    return typed(`CAST(${x} AS TIME)`, TIME)
  if (part.name === 'DATETIME' && isScalar(value.type, 'TIMESTAMP')) return typed(x, DATETIME)
  const time = timeParts.includes(part.name)
  const fits = isScalar(value.type, 'DATE') ? !time : isScalar(value.type, 'TIME') ? time : true
  const emit = extracted[part.name]
  if (!emit || !fits)
    throw invalid(at, `EXTRACT from ${typeText(value.type)} does not support the ${part.name} date part`)
  return typed(`CAST(${emit(x, part.weekday)} AS BIGINT)`, INT64)
}

const addable: Readonly<Record<string, readonly string[]>> = {
  DATE: ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'],
  DATETIME: [...timeParts, 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'],
  TIMESTAMP: [...timeParts, 'DAY'],
  TIME: timeParts,
}

const intervals: Readonly<Record<string, (n: string) => string>> = {
  MICROSECOND: (n) => `to_microseconds(${n})`,
  MILLISECOND: (n) => `to_microseconds(${n} * 1000)`,
  SECOND: (n) => `to_microseconds(${n} * 1000000)`,
  MINUTE: (n) => `to_microseconds(${n} * 60000000)`,
  HOUR: (n) => `to_microseconds(${n} * 3600000000)`,
  DAY: (n) => `to_days(CAST(${n} AS INTEGER))`,
  WEEK: (n) => `to_days(CAST(${n} * 7 AS INTEGER))`,
  MONTH: (n) => `to_months(CAST(${n} AS INTEGER))`,
  QUARTER: (n) => `to_months(CAST(${n} * 3 AS INTEGER))`,
  YEAR: (n) => `to_months(CAST(${n} * 12 AS INTEGER))`,
}

function intervalPartOf(value: Typed, part: string, at: number): Typed {
  if (intervalPart({ months: 0, days: 0, micros: 0n }, part) === null)
    throw invalid(at, `EXTRACT from INTERVAL does not support the ${part} date part`)
  return typed(`bq_interval_part(${value.sql}, '${part}')`, INT64)
}

type IntervalNode = Expression & { kind: 'interval' }

/** INTERVAL n PART, and INTERVAL 'text' PART TO PART, as a value. */
export function analyzeInterval(interval: IntervalNode, env: Env): Typed {
  if (interval.to === null) {
    const emit = intervals[interval.part]
    if (!emit) throw invalid(interval.at, `A valid date part name is required but found ${interval.part}`)
    return typed(emit(count(interval, env).sql), INTERVAL)
  }
  const text = constantText(analyzeExpression(interval.value, env))
  const value = text === null ? null : parseInterval(text, interval.part, interval.to)
  if (!value) throw invalid(interval.at, 'Invalid INTERVAL literal')
  return typed(
    `(to_months(${value.months}) + to_days(${value.days}) + to_microseconds(${value.micros}))`,
    INTERVAL,
  )
}

function count(interval: IntervalNode, env: Env): Typed {
  const value = coerce(analyzeExpression(interval.value, env), INT64, interval.at)
  if (!value) throw invalid(interval.at, 'Interval value must be coercible to INT64 type')
  return value
}

/** DATE_ADD and its kin: value ± INTERVAL n PART, in the value's own type. */
export function shift(value: Typed, interval: IntervalNode, minus: boolean, env: Env): Typed {
  const name = value.type.kind === 'scalar' ? value.type.name : ''
  const { part } = interval
  if (interval.to !== null) throw invalid(interval.at, `${name}_ADD takes an INTERVAL of one date part`)
  if (!(addable[name] ?? []).includes(part))
    throw invalid(interval.at, `${name}_${minus ? 'SUB' : 'ADD'} does not support the ${part} date part`)
  const n = count(interval, env)
  const amount = intervals[part]!(n.sql)
  if (name === 'TIMESTAMP') {
    // Days of a TIMESTAMP are 24 hours.
    const exact = part === 'DAY' ? `to_microseconds(${n.sql} * 86400000000)` : amount
    return inYears(typed(`(${value.sql} ${minus ? '-' : '+'} ${exact})`, TIMESTAMP))
  }
  const sum = `(${value.sql} ${minus ? '-' : '+'} ${amount})`
  if (name === 'TIME') return typed(sum, value.type)
  return inYears(typed(name === 'DATE' ? `CAST(${sum} AS DATE)` : sum, value.type))
}

/** Dates outside of years 1 to 9999 are an error; DuckDB has them. */
function inYears(value: Typed): Typed {
  const name = (value.type as Type & { kind: 'scalar' }).name
  if (value.sql.length > 300) return value
  const year = isScalar(value.type, 'TIMESTAMP')
    ? `epoch_us(${value.sql}) BETWEEN -62135596800000000 AND 253402300799999999`
    : `year(${value.sql}) BETWEEN 1 AND 9999`
  return typed(
    `CASE WHEN ${year} OR ${value.sql} IS NULL THEN ${value.sql} ELSE ${failText(`Adding an interval to a ${name} value is out of range`, value.type)} END`,
    value.type,
  )
}

/** value ± INTERVAL: a DATE becomes a DATETIME. */
export function addInterval(
  value: Typed,
  interval: Typed,
  node: Expression,
  minus: boolean,
  at: number,
): Typed {
  if (!isScalar(value.type, 'DATE', 'DATETIME', 'TIMESTAMP'))
    throw invalid(
      at,
      `No matching signature for operator ${minus ? '-' : '+'} for argument types: ${typeText(value.type)}, INTERVAL`,
    )
  const sign = minus ? '-' : '+'
  if (isScalar(value.type, 'TIMESTAMP')) {
    if (node.kind === 'interval' && ['MONTH', 'QUARTER', 'YEAR'].includes(node.part))
      throw invalid(
        at,
        'TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.',
      )
    const micros = `bq_interval_micros(${interval.sql})`
    return typed(`(${value.sql} ${sign} to_microseconds(${micros}))`, TIMESTAMP)
  }
  return inYears(typed(`(${civil(value)} ${sign} ${interval.sql})`, DATETIME))
}

/** Truncates a civil TIMESTAMP in SQL. */
export function truncate(x: string, part: Part, at: number): string {
  const units = ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR', 'DAY', 'MONTH', 'QUARTER', 'YEAR']
  if (units.includes(part.name)) return `CAST(date_trunc('${part.name.toLowerCase()}', ${x}) AS TIMESTAMP)`
  const day = `date_trunc('day', ${x})`
  if (part.name === 'ISOWEEK') return `CAST(date_trunc('week', ${x}) AS TIMESTAMP)`
  if (part.name === 'WEEK')
    return `(${day} - to_days(CAST((dayofweek(${x}) - ${part.weekday} + 7) % 7 AS INTEGER)))`
  if (part.name === 'ISOYEAR')
    return `date_trunc('week', make_timestamp(CAST(isoyear(${x}) AS BIGINT), 1, 4, 0, 0, 0.0))`
  throw invalid(at, `Unsupported date part ${part.name}`)
}

/** Boundaries of `part` between two civil TIMESTAMPs, as DATE_DIFF and DATETIME_DIFF count them. */
export function boundaries(a: string, b: string, part: Part, at: number): string {
  if (part.name === 'YEAR') return `(year(${a}) - year(${b}))`
  if (part.name === 'ISOYEAR') return `(isoyear(${a}) - isoyear(${b}))`
  if (part.name === 'QUARTER') return `((year(${a}) * 4 + quarter(${a})) - (year(${b}) * 4 + quarter(${b})))`
  if (part.name === 'MONTH') return `((year(${a}) * 12 + month(${a})) - (year(${b}) * 12 + month(${b})))`
  const sizes: Record<string, string> = {
    DAY: '86400000000',
    WEEK: '604800000000',
    ISOWEEK: '604800000000',
    HOUR: '3600000000',
    MINUTE: '60000000',
    SECOND: '1000000',
    MILLISECOND: '1000',
    MICROSECOND: '1',
  }
  const size = sizes[part.name]
  if (!size) throw invalid(at, `Unsupported date part ${part.name}`)
  return `((epoch_us(${truncate(a, part, at)}) - epoch_us(${truncate(b, part, at)})) // ${size})`
}

/** Refuses what is no date part, and parts of the time for a DATE. */
export function needsParts(value: Type, part: Part, at: number, name: string): void {
  if (!Object.hasOwn(extracted, part.name))
    throw invalid(at, `A valid date part name is required but found ${part.name}`)
  if (isScalar(value, 'DATE') && timeParts.includes(part.name))
    throw invalid(at, `${name} does not support the ${part.name} date part`)
}
