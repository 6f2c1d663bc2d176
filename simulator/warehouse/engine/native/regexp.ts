import { BIGINT, BOOLEAN, VARCHAR } from '@duckdb/node-api'
import { RE2JS } from 're2js'
import { native, type NativeFunction, need } from './define.ts'

const compiled = new Map<string, RE2JS>()

/** Patterns that are known only when the query runs. */
function compile(pattern: string): RE2JS {
  let regexp = compiled.get(pattern)
  if (!regexp) {
    try {
      regexp = RE2JS.compile(pattern)
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : ''
      return need<RE2JS>(null, `Cannot parse regular expression: ${why}`)
    }
    if (compiled.size > 1000) compiled.clear()
    compiled.set(pattern, regexp)
  }
  return regexp
}

function oneGroup(pattern: string, name: string): [RE2JS, number] {
  const regexp = compile(pattern)
  const groups = regexp.groupCount()
  if (groups > 1)
    throw new Error(
      `Regular expressions passed into ${name === 'REGEXP_INSTR' ? name : 'extraction functions'} must not have more than 1 capturing group`,
    )
  return [regexp, groups]
}

interface Found {
  readonly start: number
  readonly end: number
  readonly text: string | null
}

/** Matches from a place on; an empty match moves on by a character. */
function* matches(regexp: RE2JS, group: number, text: string, from: number): Generator<Found> {
  const matcher = regexp.matcher(text)
  let at = from
  while (at <= text.length && matcher.find(at)) {
    yield { start: matcher.start(group), end: matcher.end(group), text: matcher.group(group) }
    const next = matcher.end()
    at = next > matcher.start() ? next : next + (text.codePointAt(next)! > 0xffff ? 2 : 1)
  }
}

/** The offset into a string of the character at a position from 1. */
function offsetOf(text: string, position: bigint): number {
  return Array.from(text)
    .slice(0, Number(position) - 1)
    .join('').length
}

function checked(position: bigint, occurrence: bigint, name: string): void {
  if (position < 1n) throw new Error(`${name} position must be positive`)
  if (occurrence < 1n) throw new Error(`${name} occurrence must be positive`)
}

function nth(
  text: string,
  pattern: string,
  position: bigint,
  occurrence: bigint,
  name: string,
): Found | null {
  checked(position, occurrence, name)
  const [regexp, group] = oneGroup(pattern, name)
  if (position > BigInt(Array.from(text).length) + 1n) return null
  let left = occurrence
  for (const found of matches(regexp, group, text, offsetOf(text, position))) if (--left === 0n) return found
  return null
}

/** Text and numbers of groups: `\\1` stands for the first, `\\0` for the whole match. */
function pieces(replacement: string, groups: number): (string | number)[] {
  const found = replacement.match(/\\[\s\S]?|[^\\]+/g) ?? []
  return found.map((piece) => {
    if (!piece.startsWith('\\')) return piece
    if (piece === '\\\\') return '\\'
    const group = /^\\\d$/.test(piece) ? Number(piece[1]) : Infinity
    if (group > groups) throw new Error(`Invalid REGEXP_REPLACE pattern: ${replacement}`)
    return group
  })
}

export const regexpFunctions: readonly NativeFunction[] = [
  native('bq_regexp_contains', [VARCHAR, VARCHAR], BOOLEAN, (text: string, pattern: string) =>
    compile(pattern).matcher(text).find(),
  ),
  native(
    'bq_regexp_extract',
    [VARCHAR, VARCHAR, BIGINT, BIGINT],
    VARCHAR,
    (text: string, pattern: string, position: bigint, occurrence: bigint) =>
      nth(text, pattern, position, occurrence, 'REGEXP_EXTRACT')?.text ?? null,
  ),
  native('bq_regexp_extract_all', [VARCHAR, VARCHAR], VARCHAR, (text: string, pattern: string) => {
    const [regexp, group] = oneGroup(pattern, 'REGEXP_EXTRACT_ALL')
    return JSON.stringify(Array.from(matches(regexp, group, text, 0), (found) => found.text ?? ''))
  }),
  native(
    'bq_regexp_instr',
    [VARCHAR, VARCHAR, BIGINT, BIGINT, BIGINT],
    BIGINT,
    (text: string, pattern: string, position: bigint, occurrence: bigint, after: bigint) => {
      if (after !== 0n && after !== 1n) throw new Error('REGEXP_INSTR occurrence_position must be 0 or 1')
      const found = pattern === '' ? null : nth(text, pattern, position, occurrence, 'REGEXP_INSTR')
      if (!found) return 0n
      return BigInt(Array.from(text.slice(0, after === 1n ? found.end : found.start)).length + 1)
    },
  ),
  native(
    'bq_regexp_replace',
    [VARCHAR, VARCHAR, VARCHAR],
    VARCHAR,
    (text: string, pattern: string, replacement: string) => {
      const regexp = compile(pattern)
      const parts = pieces(replacement, regexp.groupCount())
      return regexp
        .matcher(text)
        .replaceAll((...found: unknown[]) =>
          parts.map((part) => (typeof part === 'string' ? part : ((found[part] ?? '') as string))).join(''),
        )
    },
  ),
]
