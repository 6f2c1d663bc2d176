import { castValue } from '../analyze/cast.ts'
import { typed } from '../analyze/typed.ts'
import type { StoredField } from '../catalog/entry.ts'
import { typeOfStored } from '../catalog/information-schema/column-text.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import { quoteName } from '../types/duck.ts'
import { sameType, typeOfField } from '../types/type.ts'

/** What a scalar type may become. https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules#supertypes */
const wider: Readonly<Record<string, readonly string[]>> = {
  INT64: ['NUMERIC', 'BIGNUMERIC', 'FLOAT64'],
  NUMERIC: ['BIGNUMERIC', 'FLOAT64'],
  BIGNUMERIC: ['FLOAT64'],
}

/** A column with the type of SET DATA TYPE, which must hold every value that the old one does. */
export function widenType(old: StoredField, next: StoredField, at: number): StoredField {
  const refused = (): Error =>
    invalid(
      at,
      `ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (${typeOfStored(old)}) is assignable to the new type (${typeOfStored(next)})`,
    )
  if ((old.mode === 'REPEATED') !== (next.mode === 'REPEATED')) throw refused()
  const { precision: _p, scale: _s, maxLength: _m, ...rest } = old
  if (old.type === 'STRUCT' || next.type === 'STRUCT') {
    if (sameType(typeOfField(old), typeOfField({ ...next, mode: old.mode }))) return old
    throw unsupported(at, 'SET DATA TYPE of a STRUCT')
  }
  if (old.type !== next.type) {
    if (!wider[old.type]?.includes(next.type) || next.precision !== undefined) throw refused()
    if (old.mode === 'REPEATED') throw refused()
    return { ...rest, type: next.type }
  }
  const parameters = {
    ...(next.precision === undefined ? {} : { precision: next.precision, scale: next.scale ?? 0 }),
    ...(next.maxLength === undefined ? {} : { maxLength: next.maxLength }),
  }
  if (narrows(old, next)) throw refused()
  return { ...rest, ...parameters }
}

function narrows(old: StoredField, next: StoredField): boolean {
  if (next.maxLength !== undefined && (old.maxLength === undefined || next.maxLength < old.maxLength))
    return true
  if (next.precision === undefined) return false
  if (old.precision === undefined) return true
  const [from, to] = [old.scale ?? 0, next.scale ?? 0]
  return to < from || next.precision - to < old.precision - from
}

export function castColumn(old: StoredField, next: StoredField, at: number): string {
  return castValue(typed(quoteName(old.name), typeOfField(old)), typeOfField(next), false, at).sql
}
