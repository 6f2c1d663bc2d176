import type { Readings } from '../engine/readings.ts'
import type { RuntimeMap } from '../engine/value.ts'

/** Headers of a response as a workflow sees them. */
export function responseHeaders(headers: Headers, keyCase: Readings['headerCase']): RuntimeMap {
  const named = (name: string) =>
    keyCase === 'lower' ? name : name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())
  return new Map([...headers].map(([name, value]) => [named(name), value]))
}
