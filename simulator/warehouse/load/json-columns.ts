import type { StoredField } from '../catalog/entry.ts'
import { duckType, quoteName, quoteText } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'

/*
 * Values of JSON rows as SQL. An expression here either has the value that `convert.ts` gives, or fails: then the rows
 * are read again one by one, which has the last word. So it fails for all that is not plain.
 */

/** SQL that raises; what the message says, nobody reads. */
function unclear(type: string): string {
  return `CAST(error('a value that needs a look') AS ${type})`
}

/** Columns c0, c1 … of a relation with one JSON object per row in `row`. */
export function columnsOf(schema: readonly StoredField[], ignoreUnknown: boolean): readonly string[] {
  return schema.map(
    (field, i) => `${valueOf(`m.${quoteName(field.name)}`, field, ignoreUnknown, 0)} AS c${i}`,
  )
}

/** The members of a JSON object, by the exact names of the fields: a STRUCT of JSON. */
export function membersOf(sql: string, schema: readonly StoredField[], ignoreUnknown: boolean): string {
  const shape = JSON.stringify(Object.fromEntries(schema.map((field) => [field.name, 'JSON'])))
  const keys = `json_keys(${sql})`
  const names = `[${schema.map((field) => quoteText(field.name)).join(', ')}]`
  const lowered = `[${schema.map((field) => quoteText(field.name.toLowerCase())).join(', ')}]`
  // A key in other letters, and one that comes twice, are for the slow way; unknown ones, unless they are ignored.
  const known = ignoreUnknown
    ? `len(list_filter(${keys}, lambda k: NOT list_contains(${names}, k) AND list_contains(${lowered}, lower(k)))) = 0`
    : `list_has_all(${names}, ${keys})`
  const plain = `json_type(${sql}) = 'OBJECT' AND ${known} AND len(list_distinct(${keys})) = len(${keys})`
  const type = `STRUCT(${schema.map((field) => `${quoteName(field.name)} JSON`).join(', ')})`
  return `CASE WHEN ${plain} THEN from_json(${sql}, ${quoteText(shape)}) ELSE ${unclear(type)} END`
}

/** A field's value from JSON, or from SQL NULL where the member is missing or null. */
function valueOf(sql: string, field: StoredField, ignoreUnknown: boolean, depth: number): string {
  const type = duckType(typeOfField(field))
  if (field.mode === 'REPEATED') {
    const item = `i${depth}`
    const element: StoredField = { ...field, mode: 'REQUIRED' }
    const items = `list_transform(from_json(${sql}, '["JSON"]'), lambda ${item}: ${valueOf(item, element, ignoreUnknown, depth + 1)})`
    return `CASE WHEN ${sql} IS NULL THEN CAST([] AS ${type}) WHEN json_type(${sql}) = 'ARRAY' THEN CAST(${items} AS ${type}) ELSE ${unclear(type)} END`
  }
  const missing = field.mode === 'REQUIRED' ? unclear(type) : `CAST(NULL AS ${type})`
  return `CASE WHEN ${sql} IS NULL THEN ${missing} ELSE ${present(sql, field, type, ignoreUnknown, depth)} END`
}

function present(
  sql: string,
  field: StoredField,
  type: string,
  ignoreUnknown: boolean,
  depth: number,
): string {
  if (field.type === 'JSON') return `bq_parse_json(CAST(${sql} AS VARCHAR), 'round')`
  if (field.type === 'STRUCT') {
    const fields = field.fields ?? []
    const name = `m${depth}`
    const members = fields.map(
      (inner) =>
        `${quoteName(inner.name)} := ${valueOf(`${name}.${quoteName(inner.name)}`, inner, ignoreUnknown, depth + 1)}`,
    )
    return `list_transform([${membersOf(sql, fields, ignoreUnknown)}], lambda ${name}: struct_pack(${members.join(', ')}))[1]`
  }
  const raw = `CAST(${sql} AS VARCHAR)`
  const text = `json_extract_string(${sql}, '$')`
  const quoted = `${raw}[1] = '"'`
  const when = (test: string, value: string): string =>
    `CASE WHEN ${test} THEN ${value} ELSE ${unclear(type)} END`
  switch (field.type) {
    case 'STRING': {
      const short = field.maxLength === undefined ? '' : ` AND length(${text}) <= ${field.maxLength}`
      return when(`(${quoted} OR regexp_full_match(${raw}, '-?[0-9]+|true|false'))${short}`, text)
    }
    case 'INT64':
      return when(`regexp_full_match(${text}, '[+-]?[0-9]{1,18}')`, `CAST(${text} AS BIGINT)`)
    case 'FLOAT64':
      return when(
        `regexp_full_match(${text}, '[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?')`,
        `CAST(${text} AS DOUBLE)`,
      )
    case 'NUMERIC':
      return when(
        `regexp_full_match(${text}, '[+-]?[0-9]{1,12}(\\.[0-9]{1,9})?') AND ${field.precision === undefined}`,
        `CAST(${text} AS DECIMAL(38,9))`,
      )
    case 'BOOL':
      return when(`lower(${text}) IN ('true', 'false')`, `lower(${text}) = 'true'`)
    case 'DATE':
      return when(
        `${quoted} AND regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND ${text} >= '0001'`,
        `CAST(${text} AS DATE)`,
      )
    case 'DATETIME':
      return when(
        `${quoted} AND regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?') AND ${text} >= '0001'`,
        `CAST(${text} AS TIMESTAMP)`,
      )
    case 'TIMESTAMP':
      return when(
        `${quoted} AND regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?') AND ${text} >= '0001'`,
        `CAST(${text} AS TIMESTAMPTZ)`,
      )
    default:
      return unclear(type)
  }
}
