import { invalid } from './problem.ts'

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
}

/**
 * Decodes the escape sequences of a literal. Bytes come out as one character a byte.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences
 */
export function decodeEscapes(text: string, at: number, bytes: boolean): string {
  let out = ''
  let i = 0
  const plain = (piece: string): string => (bytes ? Buffer.from(piece, 'utf8').toString('latin1') : piece)
  while (i < text.length) {
    const slash = text.indexOf('\\', i)
    if (slash < 0) return out + plain(text.slice(i))
    out += plain(text.slice(i, slash))
    const [value, length] = decodeOne(text.slice(slash), at, bytes)
    out += value
    i = slash + length
  }
  return out
}

function decodeOne(text: string, at: number, bytes: boolean): [string, number] {
  const char = text[1] ?? ''
  const known = simple[char]
  if (known !== undefined) return [known, 2]
  const code = /^\\(?:[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2}))/.exec(text)
  if (code) {
    const value = code[1] ? Number.parseInt(code[1], 16) : Number.parseInt(code[2]!, 8)
    return [String.fromCharCode(value), 4]
  }
  const unicode = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text)
  if (unicode && !bytes) {
    const value = Number.parseInt((unicode[1] ?? unicode[2])!, 16)
    if (value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff))
      return [String.fromCodePoint(value), unicode[0].length]
  }
  throw invalid(at, `Syntax error: Illegal escape sequence: \\${char}`)
}
