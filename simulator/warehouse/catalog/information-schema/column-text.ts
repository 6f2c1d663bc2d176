import { typeOfField, typeText } from '../../types/type.ts'
import type { StoredField } from '../entry.ts'

/** A column's type with its length or precision. */
export function typeOfStored(field: StoredField): string {
  const { precision, scale, maxLength } = field
  const parameters =
    maxLength !== undefined
      ? `(${maxLength})`
      : precision !== undefined
        ? `(${precision}${scale === undefined || scale === 0 ? '' : `, ${scale}`})`
        : ''
  const text = typeText(typeOfField({ ...field, mode: 'NULLABLE' })) + parameters
  return field.mode === 'REPEATED' ? `ARRAY<${text}>` : text
}

/** A string literal of BigQuery SQL. */
export function quoteSql(text: string): string {
  return JSON.stringify(text)
}

/** The field and those within it, by their path. */
export function fieldPaths(field: StoredField, path: string): [string, StoredField][] {
  return [
    [path, field],
    ...(field.fields ?? []).flatMap((inner) => fieldPaths(inner, `${path}.${inner.name}`)),
  ]
}
