import { BLOB, BOOLEAN, DOUBLE, type DuckDBBlobValue, VARCHAR } from '@duckdb/node-api'
import { doubleText } from '../../types/json.ts'
import { native, type NativeFunction } from './define.ts'

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
}

/** A quoted literal; in double quotes unless the text has some and no single ones. */
function quoted(text: string, escape: (char: string) => string): string {
  const quote = text.includes('"') && !text.includes("'") ? "'" : '"'
  const body = Array.from(text, (char) => (char === quote ? `\\${char}` : (escapes[char] ?? escape(char))))
  return `${quote}${body.join('')}${quote}`
}

function hex(char: string): string {
  return `\\x${char.codePointAt(0)!.toString(16).padStart(2, '0')}`
}

export const literalFunctions: readonly NativeFunction[] = [
  native('bq_quote_text', [VARCHAR], VARCHAR, (text: string) =>
    quoted(text, (char) => (char < ' ' || char === '\x7f' ? hex(char) : char)),
  ),
  native('bq_quote_bytes', [BLOB, BOOLEAN], VARCHAR, (bytes: DuckDBBlobValue, literal: boolean) => {
    const text = Buffer.from(bytes.bytes).toString('latin1')
    const escape = (char: string): string => (char < ' ' || char > '~' ? hex(char) : char)
    if (literal) return `b${quoted(text, escape)}`
    return Array.from(text, (char) => escapes[char] ?? escape(char)).join('')
  }),
  native('bq_float_literal', [DOUBLE, BOOLEAN], VARCHAR, (x: number, literal: boolean) => {
    const text = doubleText(x)
    if (!Number.isFinite(x)) return literal ? `CAST("${text}" AS FLOAT64)` : text
    return /[.e]/.test(text) ? text : `${text}.0`
  }),
]
