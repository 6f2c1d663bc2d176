import { castValue } from '../analyze/cast.ts'
import { isNullLiteral, typed, type Typed } from '../analyze/typed.ts'
import { quoteName, structNames } from '../types/duck.ts'
import { STRING, type Type } from '../types/type.ts'

let depth = 0

/**
 * SQL of a value as %t (readable) or %T (a literal of the same value) prints it; NULL prints as text.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements#t_and_t_behavior
 */
export function printed(value: Typed, literal: boolean, at: number): string {
  if (isNullLiteral(value)) return `'NULL'`
  return `COALESCE(${textOf(value.sql, value.type, literal, at)}, 'NULL')`
}

function textOf(sql: string, type: Type, literal: boolean, at: number): string {
  if (type.kind === 'array') {
    const name = `f${depth++}`
    const item = printed(typed(name, type.element), literal, at)
    depth--
    return `('[' || array_to_string(list_transform(${sql}, lambda ${name}: ${item}), ', ') || ']')`
  }
  if (type.kind === 'struct') {
    const names = structNames(type.fields)
    const fields = type.fields.map((field, i) =>
      printed(typed(`(${sql}).${quoteName(names[i]!)}`, field.type), literal, at),
    )
    const open = type.fields.length < 2 ? 'STRUCT(' : '('
    return `CASE WHEN ${sql} IS NOT NULL THEN '${open}' || ${fields.join(` || ', ' || `) || `''`} || ')' END`
  }
  const text = castValueText(sql, type, at)
  switch (type.name) {
    case 'STRING':
      return literal ? `bq_quote_text(${sql})` : sql
    case 'BYTES':
      return `bq_quote_bytes(${sql}, ${literal ? 'TRUE' : 'FALSE'})`
    case 'FLOAT64':
      return `bq_float_literal(${sql}, ${literal ? 'TRUE' : 'FALSE'})`
    case 'NUMERIC':
    case 'BIGNUMERIC': {
      const shown = `CASE WHEN contains(${text}, '.') THEN ${text} ELSE ${text} || '.0' END`
      return literal ? `('${type.name} "' || ${shown} || '"')` : shown
    }
    case 'DATE':
    case 'DATETIME':
    case 'TIME':
    case 'TIMESTAMP':
      return literal ? `('${type.name} "' || ${text} || '"')` : text
    case 'INTERVAL':
      return literal ? `('INTERVAL "' || ${text} || '" YEAR TO SECOND')` : text
    case 'JSON':
      return literal ? `('JSON ' || bq_quote_text(${sql}))` : sql
    default:
      return text
  }
}

function castValueText(sql: string, type: Type, at: number): string {
  if (type.kind === 'scalar' && ['JSON', 'BYTES', 'FLOAT64', 'STRING'].includes(type.name)) return sql
  return castValue(typed(sql, type), STRING, false, at).sql
}
