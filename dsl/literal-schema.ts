import { z } from 'zod'
import { refOf } from './ref.ts'
import type { Schema } from './schema.ts'
import { isPlainObject } from './values.ts'

/** A schema that all of some written-out values fit, as narrow as bounds and fields need it. */
export function schemaOfValues(values: readonly unknown[]): Schema {
  const [first, ...others] = values
  const reference = refOf(first)
  if (reference) return others.length === 0 ? reference.schema : {}
  if (values.every((value) => typeof value === 'string'))
    return z.string().max(Math.max(0, ...values.map(({ length }) => length)))
  if (values.every((value) => typeof value === 'number')) return z.number()
  if (values.every((value) => typeof value === 'boolean')) return z.boolean()
  if (!values.every(isPlainObject)) return {}
  const names = [...new Set(values.flatMap((value) => Object.keys(value)))]
  const shape = names.map((name) => {
    const given = values.flatMap((value) => (name in value ? [value[name]] : []))
    return [name, schemaOfValues(given) as z.ZodType] as const
  })
  return z.object(Object.fromEntries(shape))
}
