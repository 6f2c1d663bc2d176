import type { CallNode } from '../analyze/call.ts'
import type { Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { castValue } from '../analyze/cast.ts'
import { constantText, typed, type Typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../sql/problem.ts'
import { quoteText } from '../types/duck.ts'
import { isScalar, STRING, typeText } from '../types/type.ts'

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
  const parts: string[] = []
  let at = 0
  for (const match of format.matchAll(/%(%|([-+ 0#']*)(\d*)(?:\.(\d+))?([a-zA-Z]))|%/g)) {
    if (match.index > at) parts.push(quoteText(format.slice(at, match.index)))
    at = match.index + match[0].length
    if (match[1] === '%') parts.push(`'%'`)
    else if (match[1] === undefined)
      throw invalid(call.at, `Invalid format specifier in FORMAT string: ${format}`)
    else {
      const value = values.shift()
      if (!value) throw invalid(call.at, 'Too few arguments to FORMAT')
      parts.push(one(value, match, call.at))
    }
  }
  if (values.length > 0) throw invalid(call.at, 'Too many arguments to FORMAT for pattern')
  if (at < format.length || parts.length === 0) parts.push(quoteText(format.slice(at)))
  return typed(`(${parts.join(' || ')})`, STRING)
}

function one(value: Typed, match: RegExpMatchArray, at: number): string {
  const [text, , flags = '', width = '', precision = '', kind = ''] = match
  const specifier = quoteText(`${flags}|${width}|${precision}|${kind}`)
  if ('diuxXo'.includes(kind) && isScalar(value.type, 'INT64'))
    return `bq_format_int(${specifier}, ${value.sql})`
  if ('fFeEgG'.includes(kind) && isScalar(value.type, 'FLOAT64'))
    return `bq_format_float(${specifier}, ${value.sql})`
  if ('fF'.includes(kind) && isScalar(value.type, 'NUMERIC'))
    return `bq_format_numeric(${specifier}, ${value.sql})`
  if (kind === 's' && isScalar(value.type, 'STRING')) return `bq_format_text(${specifier}, ${value.sql})`
  if (kind === 't' || (kind === 's' && value.type.kind === 'scalar')) {
    if (!isScalar(value.type, 'STRING', 'INT64', 'BOOL', 'DATE', 'DATETIME', 'TIMESTAMP', 'TIME', 'NUMERIC'))
      throw unsupported(at, `${text} with ${typeText(value.type)}`)
    return `bq_format_text(${specifier}, ${castValue(value, STRING, false, at).sql})`
  }
  if (kind === 'T') throw unsupported(at, '%T')
  throw invalid(at, `Invalid type for argument to FORMAT; ${text} does not take ${typeText(value.type)}`)
}
