import type { CallNode } from '../analyze/call.ts'
import { coerceOrFail } from '../analyze/coerce.ts'
import type { Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { constantText, isNullLiteral, typed, type Typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import { quoteName, quoteText, structNames } from '../types/duck.ts'
import { readArguments } from './arguments.ts'
import { BOOL, JSON_TYPE, STRING, type Type } from '../types/type.ts'

let depth = 0

/** SQL of a value's JSON text, never NULL. https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions#json_encodings */
function encode(sql: string, type: Type, at: number, exact = false): string {
  return `COALESCE(${encodeValue(sql, type, at, exact)}, 'null')`
}

function encodeValue(sql: string, type: Type, at: number, exact: boolean): string {
  if (type.kind === 'array') {
    const name = `e${depth++}`
    const item = encode(name, type.element, at, exact)
    depth--
    return `('[' || array_to_string(list_transform(${sql}, lambda ${name}: ${item}), ',') || ']')`
  }
  if (type.kind === 'struct') {
    const names = structNames(type.fields)
    const members = type.fields.map((field, i) => {
      const key = quoteText(`${i > 0 ? ',' : ''}${JSON.stringify(field.name ?? '')}:`)
      return `${key} || ${encode(`(${sql}).${quoteName(names[i]!)}`, field.type, at, exact)}`
    })
    return `CASE WHEN ${sql} IS NOT NULL THEN '{' || ${members.join(' || ') || `''`} || '}' END`
  }
  switch (type.name) {
    case 'STRING':
      return `bq_json_string(${sql})`
    case 'INT64':
      if (exact) return `CAST(${sql} AS VARCHAR)`
      // Integers that a double cannot hold are written as text.
      return `CASE WHEN ${sql} BETWEEN -9007199254740992 AND 9007199254740992 THEN CAST(${sql} AS VARCHAR) ELSE '"' || CAST(${sql} AS VARCHAR) || '"' END`
    case 'BOOL':
      return `CAST(${sql} AS VARCHAR)`
    case 'FLOAT64':
      return exact ? `bq_json_double(${sql})` : `bq_json_float(${sql})`
    case 'NUMERIC':
      return `bq_json_numeric(${sql})`
    case 'JSON':
      return sql
    case 'BYTES':
      return `('"' || base64(${sql}) || '"')`
    case 'DATE':
      return `('"' || CAST(${sql} AS VARCHAR) || '"')`
    case 'DATETIME':
      return `('"' || replace(bq_datetime_text(epoch_us(${sql})), ' ', 'T') || '"')`
    case 'TIME':
      return `('"' || bq_time_text(epoch_us(${sql})) || '"')`
    case 'TIMESTAMP':
      return `('"' || replace(bq_datetime_text(epoch_us(${sql})), ' ', 'T') || 'Z"')`
    case 'INTERVAL':
      return `('"' || bq_interval_text(${sql}) || '"')`
    case 'BIGNUMERIC':
      throw unsupported(at, 'JSON of BIGNUMERIC')
  }
}

function plainArguments(call: CallNode, env: Env): Typed[] {
  return call.arguments.map((argument) => {
    if (argument.name !== null) throw unsupported(argument.at, `named argument ${argument.name}`)
    return analyzeExpression(argument.value, env)
  })
}

function toJsonString(call: CallNode, env: Env): Typed {
  const [value, pretty] = plainArguments(call, env)
  if (!value || call.arguments.length > 2)
    throw invalid(call.at, 'Number of arguments does not match for function TO_JSON_STRING')
  if (!pretty) return typed(encode(value.sql, value.type, call.at), STRING)
  const flag = coerceOrFail(pretty, BOOL, call.at)
  return typed(
    `CASE WHEN ${flag.sql} THEN bq_json_pretty(${encode(value.sql, value.type, call.at)}) ELSE ${encode(value.sql, value.type, call.at)} END`,
    STRING,
  )
}

function toJson(call: CallNode, env: Env): Typed {
  const { positional, named } = readArguments(call, [1, 1], { stringify_wide_numbers: BOOL }, env)
  const value = positional[0]!
  const flag = named.get('stringify_wide_numbers')
  if (!flag || isNullLiteral(value)) return typed(jsonOf(value, call.at), JSON_TYPE)
  const wide = `bq_parse_json(${encode(value.sql, value.type, call.at)}, 'round')`
  return typed(`CASE WHEN ${flag.sql} THEN ${wide} ELSE ${jsonOf(value, call.at)} END`, JSON_TYPE)
}

/** As JSON the integers keep all their digits, and members are in order. */
export function jsonOf(value: Typed, at: number): string {
  if (isNullLiteral(value)) return `'null'`
  return `bq_parse_json(${encode(value.sql, value.type, at, true)}, 'round')`
}

function jsonObject(call: CallNode, env: Env): Typed {
  const values = plainArguments(call, env)
  if (values.length % 2 !== 0 || (values.length > 0 && values[0]!.type.kind === 'array'))
    throw unsupported(call.at, 'JSON_OBJECT other than of alternating keys and values')
  const members = values.flatMap((key, i) => {
    if (i % 2 === 1) return []
    const name = coerceOrFail(key, STRING, call.at, 'JSON_OBJECT key')
    if (constantText(key) === null && isNullLiteral(key))
      throw invalid(call.at, 'JSON_OBJECT key cannot be NULL')
    return [
      `${i > 0 ? `',' || ` : ''}bq_json_string(${name.sql}) || ':' || ${jsonOf(values[i + 1]!, call.at)}`,
    ]
  })
  return typed(
    `bq_parse_json('{' || ${members.length > 0 ? members.join(' || ') : `''`} || '}', 'round')`,
    JSON_TYPE,
  )
}

function jsonArray(call: CallNode, env: Env): Typed {
  const items = plainArguments(call, env).map((value) => jsonOf(value, call.at))
  return typed(`('[' || ${items.length > 0 ? items.join(` || ',' || `) : `''`} || ']')`, JSON_TYPE)
}

export const jsonConstructors: readonly [string, (call: CallNode, env: Env) => Typed][] = [
  ['TO_JSON_STRING', toJsonString],
  ['TO_JSON', toJson],
  ['JSON_OBJECT', jsonObject],
  ['JSON_ARRAY', jsonArray],
]
