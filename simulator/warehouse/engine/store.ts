import { coerce } from '../analyze/coerce.ts'
import { type Context, type Env, rootEnv } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { failText, failWith } from '../analyze/fail.ts'
import { nullOf, type Typed } from '../analyze/typed.ts'
import type { StoredField } from '../catalog/entry.ts'
import { Cursor } from '../../../sql/parser/cursor.ts'
import { parseExpression } from '../../../sql/parser/expression.ts'
import { invalid } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import { duckType } from '../types/duck.ts'
import { isScalar, typeOfField, typeText } from '../types/type.ts'

/** The message for a value of a type that a column does not take. */
export type Refusal = (given: string, column: string, type: string) => string

const inserted: Refusal = (given, column, type) =>
  `Value has type ${given} which cannot be inserted into column ${column}, which has type ${type}`

/** A value as a column takes it: its type, its length or precision, arrays never NULL. Refuses what does not fit. */
export function storeValue(
  value: Typed,
  field: StoredField,
  at: number,
  refusal: Refusal = inserted,
): string {
  const type = typeOfField(field)
  const coerced = coerce(value, type, at)
  if (!coerced) throw invalid(at, refusal(typeText(value.type), field.name, typeText(type)))
  return constrain(coerced.sql, field)
}

/** Length, precision and array rules on a value of the column's type. */
export function constrain(sql: string, field: StoredField): string {
  const type = typeOfField(field)
  if (type.kind === 'array') {
    const failure = failText(`Array cannot have a null element; error in writing field ${field.name}`, type)
    return `CASE WHEN list_count(${sql}) < len(${sql}) THEN ${failure} ELSE COALESCE(CAST(${sql} AS ${duckType(type)}), []) END`
  }
  if (field.precision !== undefined && isScalar(type, 'NUMERIC'))
    return `CAST(CAST(${sql} AS DECIMAL(${field.precision},${field.scale ?? 0})) AS DECIMAL(38,9))`
  if (field.maxLength !== undefined && isScalar(type, 'STRING', 'BYTES')) {
    const size = isScalar(type, 'STRING') ? `length(${sql})` : `octet_length(${sql})`
    const failure = failWith(
      `'Field ${field.name.replaceAll("'", "''")}: value of length ' || ${size} || ' exceeds maximum length ${field.maxLength}'`,
      type,
    )
    return `CASE WHEN ${size} > ${field.maxLength} THEN ${failure} ELSE ${sql} END`
  }
  return `CAST(${sql} AS ${duckType(type)})`
}

/** What a column gets when an INSERT does not name it. */
export function defaultValue(field: StoredField, context: Context): Typed {
  const text = field.defaultValue
  if (text === undefined) return nullOf(typeOfField(field))
  const env: Env = rootEnv({ ...context, variables: new Map(), named: new Map(), positional: [] })
  return withSource(text, () => analyzeExpression(parseExpression(new Cursor(text)), env))
}

export function columnSql(field: StoredField): string {
  return `${duckType(typeOfField(field))}${field.mode === 'REQUIRED' ? ' NOT NULL' : ''}`
}
