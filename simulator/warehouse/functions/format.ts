import type { CallNode } from '../analyze/call.ts'
import { coerce } from '../analyze/coerce.ts'
import type { Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { constantText, isNullLiteral, typed, type Typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import { quoteText } from '../types/duck.ts'
import { INT64, isScalar, STRING, typeText } from '../types/type.ts'
import { printed } from './format-value.ts'

/**
 * FORMAT('%05d %s', …): a constant format, each specifier on its own.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/format
 */
export function formatCall(call: CallNode, env: Env): Typed {
  const [head, ...rest] = call.arguments
  const format = head && constantText(analyzeExpression(head.value, env))
  if (format === null || format === undefined)
    throw unsupported(call.at, 'FORMAT with a format string that is not constant')
  const values = rest.map((argument) => analyzeExpression(argument.value, env))
  const next = (): Typed => {
    const value = values.shift()
    if (!value) throw invalid(call.at, 'Too few arguments to FORMAT')
    return value
  }
  const parts: string[] = []
  let at = 0
  for (const match of format.matchAll(/%(%|([-+ 0#']*)(\d*|\*)(?:\.(\d*|\*))?([a-zA-Z]))|%/g)) {
    if (match.index > at) parts.push(quoteText(format.slice(at, match.index)))
    at = match.index + match[0].length
    if (match[1] === '%') parts.push(`'%'`)
    else if (match[1] === undefined)
      throw invalid(call.at, `Invalid format specifier in FORMAT string: ${format}`)
    else parts.push(one(match, next, call.at))
  }
  if (values.length > 0) throw invalid(call.at, 'Too many arguments to FORMAT for pattern')
  if (at < format.length || parts.length === 0) parts.push(quoteText(format.slice(at)))
  return typed(`(${parts.join(' || ')})`, STRING)
}

/** A specifier with its argument; `*` takes width and precision from arguments before it. */
function one(match: RegExpMatchArray, next: () => Typed, at: number): string {
  const [text, , flags = '', width = '', precision, kind = ''] = match
  const size = (part: string): string => {
    if (part !== '*') return quoteText(part)
    const value = coerce(next(), INT64, at)
    if (!value) throw invalid(at, 'Invalid type for width or precision in FORMAT; expected INT64')
    return `CAST(${value.sql} AS VARCHAR)`
  }
  const sizes = [size(width), precision === undefined ? `''` : precision === '' ? `'0'` : size(precision)]
  const specifier = `(${quoteText(`${flags}|`)} || ${sizes[0]} || '|' || ${sizes[1]} || ${quoteText(`|${kind}`)})`
  const value = next()
  if ('tT'.includes(kind)) return `bq_format_text(${specifier}, ${printed(value, kind === 'T', at)})`
  if ('diuxXo'.includes(kind) && (isScalar(value.type, 'INT64') || isNullLiteral(value)))
    return `bq_format_int(${specifier}, ${value.sql})`
  if ('fFeEgG'.includes(kind)) {
    if (isScalar(value.type, 'NUMERIC') && 'fF'.includes(kind))
      return `bq_format_numeric(${specifier}, ${value.sql})`
    if (isScalar(value.type, 'BIGNUMERIC', 'NUMERIC'))
      throw unsupported(at, `${text} with ${typeText(value.type)}`)
    if (isScalar(value.type, 'FLOAT64', 'INT64'))
      return `bq_format_float(${specifier}, CAST(${value.sql} AS DOUBLE))`
  }
  if (kind === 's' && (isScalar(value.type, 'STRING') || isNullLiteral(value)))
    return `bq_format_text(${specifier}, CAST(${value.sql} AS VARCHAR))`
  if ('pP'.includes(kind) && isScalar(value.type, 'JSON'))
    return `bq_format_text(${specifier}, ${kind === 'p' ? value.sql : `bq_json_pretty(${value.sql})`})`
  throw invalid(at, `Invalid type for argument to FORMAT; ${text} does not take ${typeText(value.type)}`)
}
