/**
 * Values of a running workflow. Integers are 64-bit and are bigints, doubles are numbers: `1` and `1.0` stay
 * distinct and JSON integers beyond 2^53 survive. Maps are `Map`s, so that keys like `__proto__` are plain keys.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/datatypes
 */
export type RuntimeValue = null | boolean | bigint | number | string | Uint8Array | RuntimeList | RuntimeMap

export type RuntimeList = readonly RuntimeValue[]
export type RuntimeMap = ReadonlyMap<string, RuntimeValue>

export type TypeName =
  'null' | 'boolean' | 'integer' | 'double' | 'string' | 'bytes' | 'list' | 'map' | 'function'

/** What `get_type` says. https://cloud.google.com/workflows/docs/reference/stdlib/expression-helpers */
export function typeName(value: RuntimeValue): TypeName {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return 'integer'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    default:
      if (value === null) return 'null'
      if (Array.isArray(value)) return 'list'
      if (value instanceof Map) return 'map'
      return value instanceof Uint8Array ? 'bytes' : 'function'
  }
}

/** A workflow integer from a whole JavaScript number. */
export function int(value: number): bigint {
  return BigInt(value)
}

/** A workflow map from a plain object; undefined values are left out. */
export function mapOf(entries: Readonly<Record<string, RuntimeValue | undefined>>): RuntimeMap {
  const map = new Map<string, RuntimeValue>()
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) map.set(key, value)
  return map
}

export function isList(value: RuntimeValue | undefined): value is RuntimeList {
  return Array.isArray(value)
}

export function isMap(value: RuntimeValue | undefined): value is RuntimeMap {
  return value instanceof Map
}
