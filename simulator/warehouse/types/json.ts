/**
 * BigQuery's JSON values as canonical text: no white space, keys of objects in order, integers of 64 bits exact,
 * other numbers as FLOAT64.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/json-data
 */
export type NumberMode = 'exact' | 'round'

/** Canonical text, or null if `text` is no JSON (or has a number that FLOAT64 cannot keep, with mode exact). */
export function canonicalJson(text: string, mode: NumberMode): string | null {
  const reader = new JsonReader(text, (number) => canonicalNumber(number, mode), true)
  return reader.document()
}

function canonicalNumber(text: string, mode: NumberMode): string | null {
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text)
    if (value >= -(1n << 63n) && value < 1n << 64n) return value.toString()
  }
  const value = Number(text)
  if (!Number.isFinite(value)) return null
  if (mode === 'exact' && !roundTrips(text, value)) return null
  return jsonNumberText(value)
}

/** Whether a decimal of FLOAT64 says the same as the text. */
function roundTrips(text: string, value: number): boolean {
  return normalDigits(text) === normalDigits(String(value))
}

function normalDigits(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (!match) return text
  const fraction = match[3] ?? ''
  let exponent = Number(match[4] ?? 0) - fraction.length
  let digits = (match[2]! + fraction).replace(/^0+/, '')
  const trimmed = digits.replace(/0+$/, '')
  exponent += digits.length - trimmed.length
  digits = trimmed
  return digits === '' ? '0' : `${match[1]}${digits}e${exponent}`
}

/** A FLOAT64 as CAST prints it: with 15 digits if they suffice, else 17. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return '0'
  const precision = Number(value.toPrecision(15)) === value ? 15 : 17
  const [mantissa, exponent] = split(value, precision)
  if (exponent < -4 || exponent >= precision) return `${mantissa}${exponentText(exponent)}`
  return value
    .toFixed(precision - 1 - exponent)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}

/** A FLOAT64 within JSON: the shortest text that reads back the same, whole numbers with `.0`. */
export function jsonNumberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa = '', size = '0'] = value.toExponential().split('e')
  const exponent = Number(size)
  if (exponent < -4 || exponent > 14) return `${mantissa}${exponentText(exponent)}`
  const digits = mantissa.replace(/[-.]/g, '').length
  const text = value.toFixed(Math.max(0, digits - 1 - exponent))
  return text.includes('.') ? text : `${text}.0`
}

/** Mantissa without trailing zeros, and exponent. */
function split(value: number, precision: number): [string, number] {
  const [mantissa = '', exponent = '0'] = value.toExponential(precision - 1).split('e')
  return [
    mantissa.includes('.') ? mantissa.replace(/0+$/, '').replace(/\.$/, '') : mantissa,
    Number(exponent),
  ]
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${Math.abs(exponent).toString().padStart(2, '0')}`
}

class JsonReader {
  private at = 0
  private readonly text: string
  private readonly number: (text: string) => string | null
  private readonly sorted: boolean

  constructor(text: string, number: (text: string) => string | null, sorted: boolean) {
    this.text = text
    this.number = number
    this.sorted = sorted
  }

  document(): string | null {
    const value = this.value(0)
    this.blanks()
    return value !== null && this.at === this.text.length ? value : null
  }

  private value(depth: number): string | null {
    if (depth > 500) return null
    this.blanks()
    const char = this.text[this.at]
    if (char === '{') return this.object(depth)
    if (char === '[') return this.array(depth)
    if (char === '"') return this.string()
    for (const word of ['true', 'false', 'null']) {
      if (!this.text.startsWith(word, this.at)) continue
      this.at += word.length
      return word
    }
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (!match) return null
    this.at += match[0].length
    return this.number(match[0])
  }

  private object(depth: number): string | null {
    this.at++
    const members: [string, string][] = []
    this.blanks()
    if (this.text[this.at] === '}') return (this.at++, '{}')
    while (true) {
      this.blanks()
      const key = this.string()
      this.blanks()
      if (key === null || this.text[this.at++] !== ':') return null
      const value = this.value(depth + 1)
      if (value === null) return null
      // The first of two members with one name counts.
      if (!this.sorted || !members.some(([known]) => known === key)) members.push([key, value])
      this.blanks()
      const next = this.text[this.at++]
      if (next === '}') break
      if (next !== ',') return null
    }
    if (this.sorted) members.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`
  }

  private array(depth: number): string | null {
    this.at++
    const items: string[] = []
    this.blanks()
    if (this.text[this.at] === ']') return (this.at++, '[]')
    while (true) {
      const value = this.value(depth + 1)
      if (value === null) return null
      items.push(value)
      this.blanks()
      const next = this.text[this.at++]
      if (next === ']') return `[${items.join(',')}]`
      if (next !== ',') return null
    }
  }

  private string(): string | null {
    const pattern = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (!match) return null
    if (Array.from(match[0]).some((char) => char < ' ')) return null
    this.at += match[0].length
    if (!match[0].includes('\\')) return match[0]
    return JSON.stringify(JSON.parse(match[0]))
  }

  private blanks(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++
  }
}
