import type { CallNode } from '../analyze/call.ts'
import { coerceOrFail } from '../analyze/coerce.ts'
import type { Env } from '../analyze/context.ts'
import { constantText, isNullLiteral, typed, type Typed } from '../analyze/typed.ts'
import { pathSteps } from '../engine/native/json-edit.ts'
import { invalid } from '../../../sql/problem.ts'
import { arrayOf, BOOL, isScalar, JSON_TYPE, STRING, typeText } from '../types/type.ts'
import { readArguments } from './arguments.ts'
import { jsonOf } from './json-build.ts'

type Form = (call: CallNode, env: Env) => Typed

function title(call: CallNode): string {
  return call.name[0]!.text.toUpperCase()
}

function document(value: Typed, call: CallNode): Typed {
  if (!isScalar(value.type, 'JSON') && !isNullLiteral(value))
    throw invalid(
      call.at,
      `No matching signature for function ${title(call)} for argument types: ${typeText(value.type)}`,
    )
  return coerceOrFail(value, JSON_TYPE, call.at)
}

/** A JSONPath, which is a constant. */
function path(value: Typed, call: CallNode): string {
  const text = constantText(value)
  if (text === null) throw invalid(call.at, `JSONPath must be a string literal or query parameter`)
  try {
    pathSteps(text)
  } catch {
    throw invalid(call.at, `Invalid JSONPath: ${text}`)
  }
  return value.sql
}

/** JSON_SET(document, path, value, …): later pairs see what earlier ones did. */
const jsonSet: Form = (call, env) => {
  const { positional, named } = readArguments(call, [3, 99], { create_if_missing: BOOL }, env)
  const [first, ...rest] = positional
  if (rest.length % 2 !== 0)
    throw invalid(call.at, 'Number of arguments does not match for function JSON_SET')
  let { sql } = document(first!, call)
  const create = named.get('create_if_missing')?.sql ?? 'TRUE'
  for (let i = 0; i < rest.length; i += 2)
    sql = `bq_json_set(${sql}, ${path(rest[i]!, call)}, ${jsonOf(rest[i + 1]!, call.at)}, ${create})`
  return typed(sql, JSON_TYPE)
}

const jsonRemove: Form = (call, env) => {
  const { positional } = readArguments(call, [2, 99], {}, env)
  const [first, ...paths] = positional
  let { sql } = document(first!, call)
  for (const item of paths) {
    if (constantText(item) === '$') throw invalid(call.at, 'The JSONPath cannot be "$"')
    sql = `bq_json_remove(${sql}, ${path(item, call)})`
  }
  return typed(sql, JSON_TYPE)
}

function jsonArrayEdit(append: boolean): Form {
  const flag = append ? 'append_each_element' : 'insert_each_element'
  return (call, env) => {
    const { positional, named } = readArguments(call, [3, 99], { [flag]: BOOL }, env)
    const [first, ...rest] = positional
    if (rest.length % 2 !== 0)
      throw invalid(call.at, `Number of arguments does not match for function ${title(call)}`)
    let { sql } = document(first!, call)
    const each = named.get(flag)?.sql ?? 'TRUE'
    for (let i = 0; i < rest.length; i += 2) {
      // Only SQL arrays are taken apart; an array within JSON is one value.
      const apart = rest[i + 1]!.type.kind === 'array' ? each : 'FALSE'
      sql = `bq_json_insert(${sql}, ${path(rest[i]!, call)}, ${jsonOf(rest[i + 1]!, call.at)}, ${apart}, ${append ? 'TRUE' : 'FALSE'})`
    }
    return typed(sql, JSON_TYPE)
  }
}

const jsonStripNulls: Form = (call, env) => {
  const flags = { include_arrays: BOOL, remove_empty: BOOL }
  const { positional, named } = readArguments(call, [1, 2], flags, env)
  const [first, where] = positional
  const arrays = named.get('include_arrays')?.sql ?? 'TRUE'
  const empty = named.get('remove_empty')?.sql ?? 'FALSE'
  const at = where ? path(where, call) : `'$'`
  return typed(`bq_json_strip(${document(first!, call).sql}, ${at}, ${arrays}, ${empty})`, JSON_TYPE)
}

const jsonKeys: Form = (call, env) => {
  const { positional, named } = readArguments(call, [1, 2], { mode: STRING }, env)
  const mode = named.get('mode')
  const text = mode ? constantText(mode)?.toLowerCase() : 'strict'
  if (text !== 'strict' && text !== 'lax' && text !== 'lax recursive')
    throw invalid(call.at, `Invalid JSON mode for JSON_KEYS`)
  const depth = positional[1]?.sql ?? 'CAST(-1 AS BIGINT)'
  const keys = `bq_json_keys(${document(positional[0]!, call).sql}, ${depth}, '${text}')`
  return typed(`CAST(CAST(${keys} AS JSON) AS VARCHAR[])`, arrayOf(STRING))
}

const parseJson: Form = (call, env) => {
  const { positional, named } = readArguments(call, [1, 1], { wide_number_mode: STRING }, env)
  const mode = named.get('wide_number_mode')
  const text = mode ? constantText(mode)?.toLowerCase() : 'exact'
  if (text !== 'exact' && text !== 'round')
    throw invalid(call.at, `Invalid \`wide_number_mode\` specified for function PARSE_JSON`)
  const value = coerceOrFail(positional[0]!, STRING, call.at, 'Argument 1 of PARSE_JSON')
  return typed(`bq_parse_json(${value.sql}, '${text}')`, JSON_TYPE)
}

export const jsonEdits: readonly [string, Form][] = [
  ['JSON_SET', jsonSet],
  ['JSON_REMOVE', jsonRemove],
  ['JSON_ARRAY_APPEND', jsonArrayEdit(true)],
  ['JSON_ARRAY_INSERT', jsonArrayEdit(false)],
  ['JSON_STRIP_NULLS', jsonStripNulls],
  ['JSON_KEYS', jsonKeys],
  ['PARSE_JSON', parseJson],
]
