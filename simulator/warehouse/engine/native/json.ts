import { doubleText } from '../../types/json.ts'

const MIN = -(1n << 63n)
const MAX = (1n << 63n) - 1n

/** A JSON number as INT64, which must be whole. */
export function jsonInteger(text: string): bigint {
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text)
    if (value >= MIN && value <= MAX) return value
  } else {
    const value = Number(text)
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value)
  }
  throw new Error(`The provided JSON number: ${text} cannot be converted to an int64`)
}

function scalar(text: string): unknown {
  return JSON.parse(text) as unknown
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions#lax_converters */
export function laxInteger(text: string): bigint | null {
  const value = scalar(text)
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return rounded(/^-?\d+$/.test(text) ? text : String(value))
  return typeof value === 'string' ? rounded(value.trim()) : null
}

function rounded(text: string): bigint | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return null
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''))
    return value >= MIN && value <= MAX ? value : null
  }
  const value = Number(text)
  const whole = Math.sign(value) * Math.round(Math.abs(value))
  return Number.isFinite(whole) && Math.abs(whole) < 2 ** 63 ? BigInt(whole) : null
}

export function laxFloat(text: string): number | null {
  const value = scalar(text)
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  const word = value.trim().toLowerCase()
  const special: Record<string, number> = {
    nan: Number.NaN,
    inf: Infinity,
    '+inf': Infinity,
    '-inf': -Infinity,
    infinity: Infinity,
    '-infinity': -Infinity,
  }
  if (word in special) return special[word]!
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word) ? Number(word) : null
}

export function laxBool(text: string): boolean | null {
  const value = scalar(text)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (typeof value !== 'string') return null
  const word = value.toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : null
}

export function laxString(text: string): string | null {
  const value = scalar(text)
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return /^-?\d+$/.test(text) ? text : doubleText(value)
  return null
}

/**
 * Paths of all members down to `depth` (-1: all), each once, in order; as a JSON list. `lax` looks into arrays,
 * `lax recursive` into arrays of arrays too.
 */
export function jsonKeys(text: string, depth: bigint, mode: string): string {
  const keys = new Set<string>()
  const walk = (value: unknown, path: string, level: number, inArray: boolean): void => {
    if (Array.isArray(value)) {
      if (mode === 'strict' || (mode === 'lax' && inArray)) return
      for (const item of value) walk(item, path, level, true)
      return
    }
    if (typeof value !== 'object' || value === null) return
    if (depth >= 0n && level >= Number(depth)) return
    for (const [key, member] of Object.entries(value)) {
      const name = /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)
      const full = path === '' ? name : `${path}.${name}`
      keys.add(full)
      walk(member, full, level + 1, false)
    }
  }
  walk(JSON.parse(text), '', 0, false)
  return JSON.stringify([...keys].toSorted((a, b) => (a < b ? -1 : 1)))
}

export function prettyJson(text: string): string {
  // The numbers must keep their digits, which JSON.parse would round.
  const out: string[] = []
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const last = out.at(-1)
    if (token === '}' || token === ']') {
      depth--
      if (last === '{' || last === '[') out.push(token)
      else out.push(`\n${'  '.repeat(depth)}`, token)
      continue
    }
    if (last === '{' || last === '[' || last === ',') out.push(`\n${'  '.repeat(depth)}`)
    out.push(token)
    if (token === '{' || token === '[') depth++
    if (token === ':') out.push(' ')
  }
  return out.join('')
}
