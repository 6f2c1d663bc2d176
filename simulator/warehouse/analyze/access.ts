import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression } from '../../../sql/syntax.ts'
import { quoteText } from '../types/duck.ts'
import { isScalar, JSON_TYPE, typeText } from '../types/type.ts'
import { coerce } from './coerce.ts'
import { INT64 } from '../types/type.ts'
import type { Env } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { failWith } from './fail.ts'
import { constantText, typed, type Typed } from './typed.ts'

/** json.field: SQL NULL where it is not there. Keys are case-sensitive. */
export function jsonField(value: Typed, name: string): Typed {
  return typed(jsonPath(value.sql, `$.${jsonKey(name)}`), JSON_TYPE)
}

function jsonKey(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function jsonPath(sql: string, path: string): string {
  return `CAST(json_extract(${sql}, ${quoteText(path)}) AS VARCHAR)`
}

/** array[OFFSET(i)] and its kin; json['key'] and json[0]. */
export function analyzeIndex(expression: Expression & { kind: 'index' }, env: Env): Typed {
  const { mode, at } = expression
  const object = analyzeExpression(expression.object, env)
  const index = analyzeExpression(expression.index, env)
  if (isScalar(object.type, 'JSON')) {
    if (mode !== 'PLAIN') throw invalid(at, `JSON subscripts take no ${mode}`)
    return jsonSubscript(object, index, at)
  }
  if (object.type.kind !== 'array')
    throw invalid(
      at,
      `Element access using [${mode === 'PLAIN' ? '' : `${mode}()`}] is not supported on values of type ${typeText(object.type)}`,
    )
  const position = coerce(index, INT64, at)
  if (!position)
    throw invalid(
      at,
      `Array position in [] must be coercible to INT64 type, but has type ${typeText(index.type)}`,
    )
  const base = mode === 'ORDINAL' || mode === 'SAFE_ORDINAL' ? position.sql : `(${position.sql} + 1)`
  const { element } = object.type
  const inside = `${base} BETWEEN 1 AND len(${object.sql})`
  const otherwise = mode.startsWith('SAFE')
    ? 'NULL'
    : `CASE WHEN ${object.sql} IS NULL OR ${position.sql} IS NULL THEN NULL ELSE ${failWith(`'Array index ' || ${position.sql} || ' is out of bounds'`, element)} END`
  return typed(`CASE WHEN ${inside} THEN (${object.sql})[${base}] ELSE ${otherwise} END`, element)
}

function jsonSubscript(object: Typed, index: Typed, at: number): Typed {
  const key = constantText(index)
  if (key !== null) return jsonField(object, key)
  if (isScalar(index.type, 'STRING')) {
    const pointer = `'/' || replace(replace(${index.sql}, '~', '~0'), '/', '~1')`
    return typed(
      `CASE WHEN json_type(${object.sql}) = 'OBJECT' THEN CAST(json_extract(${object.sql}, ${pointer}) AS VARCHAR) END`,
      JSON_TYPE,
    )
  }
  if (isScalar(index.type, 'INT64')) {
    const element = `CAST(json_extract(${object.sql}, '$[' || CAST(${index.sql} AS VARCHAR) || ']') AS VARCHAR)`
    return typed(
      `CASE WHEN json_type(${object.sql}) = 'ARRAY' AND ${index.sql} >= 0 THEN ${element} END`,
      JSON_TYPE,
    )
  }
  throw unsupported(at, `JSON subscript of type ${typeText(index.type)}`)
}
