import { resourceLimitError, valueError } from '../engine/errors.ts'
import { LIMITS } from '../engine/limits.ts'
import { limitedText } from '../engine/operators.ts'
import { int, mapOf } from '../engine/value.ts'
import { decodeText, encodeText } from './charsets.ts'
import { characterCount, characterPositions, characterSlice } from './characters.ts'
import { optional, param, plain } from './function.ts'
import { re2, type Pattern } from './re2.ts'

const SOURCE = param('source', 'string')
const CHARSET = optional(param('charset', 'string'), 'UTF-8')

/** https://cloud.google.com/workflows/docs/reference/stdlib/text/find_all_regex */
export const text = {
  'text.decode': plain([param('data', 'bytes'), CHARSET], ([data, charset]) =>
    limitedText(decodeText('text.decode', data, charset)),
  ),
  'text.encode': plain([param('text', 'string'), CHARSET], ([value, charset]): Uint8Array =>
    encodeText('text.encode', value, charset),
  ),
  'text.find_all': plain([SOURCE, param('substr', 'string')], ([source, part]) => {
    const position = characterPositions(source)
    return [...occurrences(source, part)].map((at) => int(position(at)))
  }),
  'text.find_all_regex': plain([SOURCE, param('regexp', 'string')], ([source, regexp]) => {
    const position = characterPositions(source)
    return [...matches('text.find_all_regex', source, regexp)].map(({ start, end }) =>
      mapOf({ index: int(position(start)), match: source.slice(start, end) }),
    )
  }),
  'text.match_regex': plain([SOURCE, param('regexp', 'string')], ([source, regexp]) =>
    pattern('text.match_regex', regexp).matcher(source).find(),
  ),
  'text.replace_all': plain(
    [SOURCE, param('substr', 'string'), param('repl', 'string')],
    ([source, part, replacement]) => {
      const found = [...occurrences(source, part)].map((start) => ({ start, end: start + part.length }))
      return replaceAll(source, found, replacement)
    },
  ),
  'text.replace_all_regex': plain(
    [SOURCE, param('regexp', 'string'), param('repl', 'string')],
    ([source, regexp, replacement]) =>
      replaceAll(source, matches('text.replace_all_regex', source, regexp), replacement),
  ),
  'text.split': plain([SOURCE, param('separator', 'string')], ([source, separator]) => {
    if (separator === '') throw valueError('text.split: the separator is empty')
    return source.split(separator)
  }),
  /** A negative index counts from the end; one out of range is moved to the nearest end. */
  'text.substring': plain(
    [SOURCE, param('start', 'integer'), param('end', 'integer')],
    ([source, start, end]) => {
      const length = characterCount(source)
      const clamp = (index: bigint) =>
        Math.min(length, Math.max(0, Number(index < 0n ? index + BigInt(length) : index)))
      return characterSlice(source, clamp(start), clamp(end))
    },
  ),
  'text.to_lower': plain([SOURCE], ([source]) => limitedText(source.toLowerCase())),
  'text.to_upper': plain([SOURCE], ([source]) => limitedText(source.toUpperCase())),
  'text.url_decode': plain([SOURCE], ([source], { readings }) => {
    try {
      return decodeURIComponent(readings.urlDecode === 'plus-is-space' ? source.replaceAll('+', ' ') : source)
    } catch {
      throw valueError('text.url_decode: invalid percent encoding')
    }
  }),
  'text.url_encode': plain([SOURCE], ([source]) => limitedText(percentEncode(source))),
  'text.url_encode_plus': plain([SOURCE], ([source]) =>
    limitedText(percentEncode(source).replaceAll('%20', '+')),
  ),
}

/** Text from UTF-8; raises ValueError for anything else. */
export function decodeUtf8(name: string, data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    throw valueError(`${name}: the bytes are not valid UTF-8`)
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** UTF-16 offsets of a substring, left to right without overlap; an empty one is at every position. */
function* occurrences(source: string, part: string): Generator<number> {
  if (part === '') {
    for (let at = 0; at <= source.length; at += (source.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) yield at
    return
  }
  for (let at = source.indexOf(part); at >= 0; at = source.indexOf(part, at + part.length)) yield at
}

/** RE2 syntax; of several matches at one place the longest. An empty one right behind another is none. */
function* matches(name: string, source: string, regexp: string): Generator<Span> {
  const matcher = pattern(name, regexp).matcher(source)
  let before = -1
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()]
    if (end > start || start !== before) yield { start, end }
    before = end
  }
}

const patterns = new Map<string, Pattern>()
const KEPT_PATTERNS = 200

function pattern(name: string, regexp: string): Pattern {
  const known = patterns.get(regexp)
  if (known !== undefined) return known
  const { RE2JS, RE2JSException } = re2()
  try {
    const compiled = RE2JS.compile(regexp, RE2JS.LONGEST_MATCH)
    if (patterns.size >= KEPT_PATTERNS) patterns.clear()
    patterns.set(regexp, compiled)
    return compiled
  } catch (error) {
    if (error instanceof RE2JSException) throw valueError(`${name}: ${error.message}`)
    throw error
  }
}

/** The replacement is literal: there are no back-references. */
function replaceAll(source: string, found: Iterable<Span>, replacement: string): string {
  const pieces: string[] = []
  let length = 0
  let from = 0
  const put = (piece: string) => {
    pieces.push(piece)
    length += piece.length
    if (length > LIMITS.string) throw resourceLimitError(`string longer than ${LIMITS.string} bytes`)
  }
  for (const { start, end } of found) {
    put(source.slice(from, start))
    put(replacement)
    from = end
  }
  put(source.slice(from))
  return limitedText(pieces.join(''))
}

/** Everything but letters, digits, `-`, `_`, `.` and `~`; also `/`. */
function percentEncode(source: string): string {
  // A lone surrogate, which has no UTF-8, becomes U+FFFD on the way through the buffer.
  return encodeURIComponent(Buffer.from(source).toString()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
