import { canonicalJson } from '../types/json.ts'

/** A parsed JSON value whose numbers keep their text. */
export type JsonValue =
  null | boolean | string | JsonNumber | readonly JsonValue[] | { readonly [name: string]: JsonValue }

export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Parses JSON. Throws SyntaxError. */
export function parseJson(text: string): JsonValue {
  // Where no number has more digits than a double keeps, JSON.parse is exact.
  if (!/\d{16}|\d\.\d{14}|[eE][+-]?\d/.test(text)) return wrap(JSON.parse(text))
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
  )
  JSON.parse(text)
  return unmark(JSON.parse(marked))
}

function wrap(value: unknown): JsonValue {
  if (typeof value === 'number') return new JsonNumber(String(value))
  if (Array.isArray(value)) return value.map(wrap)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wrap(item)]))
  return value as null | boolean | string
}

function unmark(value: unknown): JsonValue {
  if (typeof value === 'string')
    return value.startsWith('n') ? new JsonNumber(value.slice(1)) : value.slice(1)
  if (Array.isArray(value)) return value.map(unmark)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.slice(1), unmark(item)]))
  return value as null | boolean
}

export function fromPlain(value: unknown): JsonValue {
  if (typeof value === 'bigint') return new JsonNumber(value.toString())
  if (value === undefined) return null
  return wrap(value)
}

/** Canonical text of a value for a JSON column. */
export function jsonText(value: JsonValue): string {
  return canonicalJson(plainText(value), 'round') ?? 'null'
}

function plainText(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(plainText).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${plainText(item)}`)
      .join(',')}}`
  return JSON.stringify(value)
}
