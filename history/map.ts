/** A JSON map, whatever is in it. */
export type JsonMap = Readonly<Record<string, unknown>>

/** Whether a value is a JSON map. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
