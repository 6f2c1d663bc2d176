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
  if (response.body === undefined || !('json' in response.body)) return response
  const mask = parseMask(text)
  if (mask === null) {
    return apiError(400, `Invalid field selection ${text}`, {
      reason: 'invalidParameter',
      location: 'fields',
      locationType: 'parameter',
    })
  }
  return { ...response, body: { json: select(response.body.json, mask) } }
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
  const selected: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const given = mask.get(name)
    const any = mask.get('*')
    if (given === undefined && any === undefined) continue
    selected[name] = select(inner, given === undefined ? any! : any === undefined ? given : union(given, any))
  }
  return selected
}
