import { ExpressionSyntaxError } from './syntax-error.ts'

/** A token of an expression. `offset` is 0-based; `end` is the offset after its last character. */
export type Token =
  | { readonly kind: 'integer'; readonly value: bigint; readonly offset: number; readonly end: number }
  | { readonly kind: 'double'; readonly value: number; readonly offset: number; readonly end: number }
  | { readonly kind: 'string'; readonly value: string; readonly offset: number; readonly end: number }
  | { readonly kind: 'word'; readonly text: string; readonly offset: number; readonly end: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly offset: number; readonly end: number }
  | { readonly kind: 'end'; readonly offset: number; readonly end: number }

/**
 * More tokens than any expression within the length limit can have. It keeps the recursion of everything that
 * walks expressions shallow, whatever the source is.
 */
const maxTokens = 1000

const space = /[ \t\r\n]*/y
const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const symbol = /<=|>=|==|!=|\/\/|[<>+\-*/%()[\].,]/y
const plainText = { '"': /[^"\\]*/y, "'": /[^'\\]*/y }
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Splits the text between `${` and `}` into tokens; the last one is always `end`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let offset = 0
  for (;;) {
    offset += match(space, source, offset)?.length ?? 0
    if (offset >= source.length) break
    if (tokens.length === maxTokens) throw new ExpressionSyntaxError('expression is too long', offset)
    const token = readToken(source, offset)
    tokens.push(token)
    offset = token.end
  }
  tokens.push({ kind: 'end', offset: source.length, end: source.length })
  return tokens
}

function readToken(source: string, offset: number): Token {
  const first = source[offset]
  if (first === '"' || first === "'") return readString(source, offset, first)
  const name = match(word, source, offset)
  if (name !== undefined) return { kind: 'word', text: name, offset, end: offset + name.length }
  const digits = match(number, source, offset)
  if (digits !== undefined) return readNumber(source, offset, digits)
  const sign = match(symbol, source, offset)
  if (sign !== undefined) return { kind: 'symbol', text: sign, offset, end: offset + sign.length }
  const character = String.fromCodePoint(source.codePointAt(offset) ?? 0)
  throw new ExpressionSyntaxError(`unexpected character ${JSON.stringify(character)}`, offset)
}

function readNumber(source: string, offset: number, text: string): Token {
  const end = offset + text.length
  if (match(word, source, end) !== undefined) throw new ExpressionSyntaxError('malformed number', offset)
  if (/^[0-9]+$/.test(text)) {
    // 9223372036854775808 is legal behind a minus sign only; the parser decides.
    const value = text.length > 25 ? 1n << 64n : BigInt(text)
    if (value > 1n << 63n) throw integerOutOfRange(offset)
    return { kind: 'integer', value, offset, end }
  }
  const value = Number(text)
  if (!Number.isFinite(value)) throw new ExpressionSyntaxError('number is out of range', offset)
  return { kind: 'double', value, offset, end }
}

export function integerOutOfRange(offset: number): ExpressionSyntaxError {
  return new ExpressionSyntaxError('integer is out of the 64-bit range', offset)
}

function readString(source: string, offset: number, quote: '"' | "'"): Token {
  let value = ''
  let at = offset + 1
  for (;;) {
    const text = match(plainText[quote], source, at) ?? ''
    value += text
    at += text.length
    if (at >= source.length) throw new ExpressionSyntaxError('string is not closed', offset)
    if (source[at] === quote) return { kind: 'string', value, offset, end: at + 1 }
    const escape = readEscape(source, at)
    value += escape.value
    at += escape.length
  }
}

/** The escapes of JSON. The documentation confirms `\"` only. */
function readEscape(source: string, at: number): { value: string; length: number } {
  const letter = source[at + 1]
  if (letter === 'u') {
    const digits = source.slice(at + 2, at + 6)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new ExpressionSyntaxError('malformed \\u escape', at)
    return { value: String.fromCharCode(Number.parseInt(digits, 16)), length: 6 }
  }
  const value = letter !== undefined && Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
  if (value === undefined) throw new ExpressionSyntaxError('unknown escape in string', at)
  return { value, length: 2 }
}

function match(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset
  return pattern.exec(source)?.[0]
}
