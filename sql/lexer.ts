import { decodeEscapes } from './escapes.ts'
import { invalid } from './problem.ts'

type TokenKind =
  'name' | 'quotedName' | 'integer' | 'float' | 'string' | 'bytes' | 'parameter' | 'system' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** Decoded text: a name without backticks, a string without quotes and escapes (BYTES: one character a byte). */
  readonly text: string
  /** Upper case of an unquoted name, the symbol itself, else empty: what keywords are compared with. */
  readonly word: string
  readonly at: number
  readonly end: number
}

const symbols = ['<=', '>=', '<>', '!=', '||', '<<', '>>', '=>', '->', '|>', '+=', '-=']
const single = '()[]{}<>,.;:+-*/=&|^~?@!%$'

/** BigQuery's tokens of a text, ending with one of kind `end`. */
export function lex(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (true) {
    at = skipBlanks(source, at)
    if (at >= source.length) break
    const token = readToken(source, at)
    tokens.push(token)
    at = token.end
  }
  tokens.push({ kind: 'end', text: '', word: '', at, end: at })
  return tokens
}

function skipBlanks(source: string, start: number): number {
  let at = start
  while (at < source.length) {
    const char = source[at]!
    if (/\s/.test(char)) at++
    else if (char === '#' || source.startsWith('--', at)) {
      const end = source.indexOf('\n', at)
      at = end < 0 ? source.length : end + 1
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2)
      if (end < 0) throw invalid(at, 'Syntax error: Unclosed comment')
      at = end + 2
    } else break
  }
  return at
}

function readToken(source: string, at: number): Token {
  const literal = /(?:(rb|br|r|b))?("""|'''|"|')/iy
  literal.lastIndex = at
  const opening = literal.exec(source)
  if (opening) return readString(source, at, (opening[1] ?? '').toLowerCase(), opening[2]!)
  const char = source[at]!
  if (char === '`') return readQuotedName(source, at)
  const name = match(/[A-Za-z_][A-Za-z0-9_]*/y, source, at)
  if (name) return make('name', name, name.toUpperCase(), at, at + name.length)
  const number = match(/0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y, source, at)
  if (number && (/^\d/.test(number) || /^\.\d/.test(number))) return readNumber(source, at, number)
  if (source.startsWith('@@', at)) {
    const text = match(/@@[A-Za-z_][\w.]*/y, source, at)
    if (text) return make('system', text.slice(2), '', at, at + text.length)
  }
  if (char === '@') {
    const text = match(/@[A-Za-z_]\w*/y, source, at)
    if (text) return make('parameter', text.slice(1), '', at, at + text.length)
  }
  const double = symbols.find((symbol) => source.startsWith(symbol, at))
  if (double) return make('symbol', double, double, at, at + double.length)
  if (single.includes(char)) return make('symbol', char, char, at, at + 1)
  throw invalid(at, `Syntax error: Illegal input character ${JSON.stringify(char)}`)
}

function readNumber(source: string, at: number, text: string): Token {
  const end = at + text.length
  if (/[A-Za-z_]/.test(source[end] ?? ''))
    throw invalid(end, 'Syntax error: Missing whitespace between literal and alias')
  return make(/^0[xX]|^\d+$/.test(text) ? 'integer' : 'float', text, '', at, end)
}

function readQuotedName(source: string, at: number): Token {
  let end = at + 1
  while (end < source.length && source[end] !== '`') end += source[end] === '\\' ? 2 : 1
  if (end >= source.length) throw invalid(at, 'Syntax error: Unclosed identifier literal')
  const text = decodeEscapes(source.slice(at + 1, end), at, false)
  if (text === '') throw invalid(at, 'Syntax error: Invalid empty identifier')
  return make('quotedName', text, '', at, end + 1)
}

function readString(source: string, at: number, prefix: string, quote: string): Token {
  const start = at + prefix.length + quote.length
  let end = start
  while (!source.startsWith(quote, end)) {
    if (end >= source.length) throw invalid(at, 'Syntax error: Unclosed string literal')
    if (quote.length === 1 && source[end] === '\n') throw invalid(at, 'Syntax error: Unclosed string literal')
    end += source[end] === '\\' ? 2 : 1
  }
  const raw = source.slice(start, end)
  const bytes = prefix.includes('b')
  const text = prefix.includes('r') ? rawText(raw, bytes) : decodeEscapes(raw, at, bytes)
  return make(bytes ? 'bytes' : 'string', text, '', at, end + quote.length)
}

function rawText(raw: string, bytes: boolean): string {
  return bytes ? Buffer.from(raw, 'utf8').toString('latin1') : raw
}

function match(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? null
}

function make(kind: TokenKind, text: string, word: string, at: number, end: number): Token {
  return { kind, text, word, at, end }
}
