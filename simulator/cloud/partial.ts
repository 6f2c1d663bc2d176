import { parseJson, writeJson } from '../engine/json.ts'
import type { RuntimeValue } from '../engine/value.ts'
import { apiError } from './errors.ts'
import type { CloudRequest, CloudResponse } from './request.ts'

/** What a mask selects of an object: all of it, or of the fields it names. */
type Mask = 'all' | ReadonlyMap<string, Mask>

/**
 * Cuts a successful JSON answer down to what the parameter `fields` (or `$fields`) selects: `a,b/c,d(e,f),*`.
 * https://cloud.google.com/storage/docs/json_api#partial-response
 */
export function partialResponse(request: CloudRequest, response: CloudResponse): CloudResponse {
  const text = request.query.get('fields') ?? request.query.get('$fields') ?? ''
  if (text === '' || response.status >= 300) return response
  const { body } = response
  if (body === undefined || !('json' in body || body.isJson === true)) return response
  const mask = parseMask(text)
  if (mask === null) {
    return apiError(400, `Invalid field selection ${text}`, {
      reason: 'invalidParameter',
      location: 'fields',
      locationType: 'parameter',
    })
  }
  if ('json' in body) return { ...response, body: { json: select(body.json, mask) } }
  // Sent as text for its 64-bit integers, which must not be lost here either.
  const selected = select(parseJson(new TextDecoder().decode(body.bytes)), mask) as RuntimeValue
  return { ...response, body: { bytes: new TextEncoder().encode(writeJson(selected)) } }
}

/** The mask, or null where the text is none. */
function parseMask(text: string): Mask | null {
  const tokens = text.match(/[^,/()\s]+|[,/()]/g) ?? []
  let index = 0
  const list = (): Map<string, Mask> | null => {
    const fields = new Map<string, Mask>()
    for (;;) {
      const path = field()
      if (path === null) return null
      const [name, mask] = path
      const known = fields.get(name)
      fields.set(name, known === undefined ? mask : union(known, mask))
      if (tokens[index] !== ',') return fields
      index += 1
    }
  }
  const field = (): readonly [string, Mask] | null => {
    const name = tokens[index]
    if (name === undefined || /^[,/()]$/.test(name)) return null
    index += 1
    if (tokens[index] === '/') {
      index += 1
      const rest = field()
      return rest === null ? null : [name, new Map([rest])]
    }
    if (tokens[index] !== '(') return [name, 'all']
    index += 1
    const inner = list()
    if (inner === null || tokens[index] !== ')') return null
    index += 1
    return [name, inner]
  }
  const mask = list()
  return index === tokens.length ? mask : null
}

function union(a: Mask, b: Mask): Mask {
  if (a === 'all' || b === 'all') return 'all'
  const both = new Map(a)
  for (const [name, mask] of b) {
    const known = both.get(name)
    both.set(name, known === undefined ? mask : union(known, mask))
  }
  return both
}

function select(value: unknown, mask: Mask): unknown {
  if (mask === 'all' || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((element) => select(element, mask))
  if (value instanceof Map) return new Map(selectFields(value as ReadonlyMap<string, unknown>, mask))
  return Object.fromEntries(selectFields(Object.entries(value), mask))
}

function selectFields(
  fields: Iterable<readonly [string, unknown]>,
  mask: ReadonlyMap<string, Mask>,
): readonly (readonly [string, unknown])[] {
  const selected: (readonly [string, unknown])[] = []
  for (const [name, inner] of fields) {
    const given = mask.get(name)
    const any = mask.get('*')
    if (given === undefined && any === undefined) continue
    const within = given === undefined ? any! : any === undefined ? given : union(given, any)
    selected.push([name, select(inner, within)])
  }
  return selected
}
