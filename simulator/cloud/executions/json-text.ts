import { JsonError, writeJson } from '../../engine/json.ts'
import type { RuntimeMap, RuntimeValue } from '../../engine/value.ts'

/** JSON of any value: bytes, which JSON cannot hold, are shown as base64, functions by their type. */
export function jsonText(value: RuntimeValue): string {
  try {
    return writeJson(value)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return writeJson(presentable(value))
  }
}

function presentable(value: RuntimeValue): RuntimeValue {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(presentable)
  if (value instanceof Map) {
    return new Map([...(value as RuntimeMap)].map(([key, item]) => [key, presentable(item)]))
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'object' ? '(function)' : value
}
