import { refOf, refText } from './ref.ts'

/** One thing or a list of things, as a list; a reference is one thing. */
export function asList(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return refOf(value) === null && Array.isArray(value) ? (value as readonly unknown[]) : [value]
}

/** A value as a message names it. */
export function describe(value: unknown): string {
  const reference = refOf(value)
  if (reference) return refText(reference)
  if (typeof value === 'function') return 'a function'
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return 'a value that is no JSON'
  }
}

/** An object literal, as options and inputs are. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || refOf(value) !== null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
