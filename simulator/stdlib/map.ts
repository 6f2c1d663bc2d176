import { typeError } from '../engine/errors.ts'
import { isList, isMap, typeName } from '../engine/value.ts'
import { anything, param, plain } from './function.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'

/** https://cloud.google.com/workflows/docs/reference/stdlib/map/get */
export const map = {
  'map.delete': plain([param('map', 'map'), param('key', 'string')], ([source, key]) => {
    const copy = new Map(source)
    copy.delete(key)
    return copy
  }),
  /** Null where anything on the path is missing or no map, also where the first argument is none. */
  'map.get': plain([anything('map'), param('keys', 'string', 'list')], ([source, keys]) => {
    let value: RuntimeValue = source
    for (const key of isList(keys) ? keys : [keys]) {
      if (typeof key !== 'string') throw typeError(`map.get: a key must be a string, got ${typeName(key)}`)
      value = isMap(value) ? (value.get(key) ?? null) : null
    }
    return value
  }),
  'map.merge': plain(
    [param('first', 'map'), param('second', 'map')],
    ([first, second]) => new Map([...first, ...second]),
  ),
  'map.merge_nested': plain([param('first', 'map'), param('second', 'map')], ([first, second]) =>
    mergeNested(first, second),
  ),
}

function mergeNested(first: RuntimeMap, second: RuntimeMap): RuntimeMap {
  const merged = new Map(first)
  for (const [key, value] of second) {
    const other = merged.get(key)
    merged.set(key, isMap(other) && isMap(value) ? mergeNested(other, value) : value)
  }
  return merged
}
