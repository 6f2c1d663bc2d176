import type { StoredField } from '../catalog/entry.ts'
import type { Field } from '../warehouse.ts'
import { invalidRequest } from './missing.ts'

/** Names of fields must be valid and unique, ignoring case. */
export function checkSchema(schema: readonly Field[]): readonly StoredField[] {
  const seen = new Set<string>()
  for (const field of schema) {
    const name = field.name.toLowerCase()
    if (!/^[\p{L}_][\p{L}\p{N}_ $&%=+:<>|-]{0,299}$/u.test(field.name))
      throw invalidRequest(`Invalid field name "${field.name}"`)
    if (seen.has(name)) throw invalidRequest(`Field ${field.name} already exists in schema`)
    seen.add(name)
    if (field.type === 'STRUCT') {
      if (!field.fields || field.fields.length === 0)
        throw invalidRequest(`Field ${field.name} is type RECORD but has no schema`)
      checkSchema(field.fields)
    }
  }
  return schema
}
