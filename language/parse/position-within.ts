import type { Position } from '../position.ts'
import { scalarText, type SourceScalar } from './source-node.ts'

/** The position of the character at `index` of a scalar's text, however the scalar is quoted, folded or indented. */
export function positionWithin(node: SourceScalar, index: number): Position {
  const { raw, position } = node
  const at = /^[|>]/.test(raw) ? blockIndex(raw, scalarText(node), index) : flowIndex(raw, index)
  const before = raw.slice(0, at)
  const lines = before.split('\n').length - 1
  if (lines === 0) return { line: position.line, column: position.column + at }
  return { line: position.line + lines, column: at - before.lastIndexOf('\n') }
}

/** A line break with the white space around it, which stands for one space; further ones stand for themselves. */
const fold = String.raw`[ \t]*\r?\n[ \t\r\n]*`
const plainPart = new RegExp(`${fold}|.`, 'suy')
const singleQuotedPart = new RegExp(`${fold}|''|.`, 'suy')
const doubleQuotedPart = new RegExp(String.raw`\\\r?\n[ \t]*|\\x..|\\u....|\\U........|\\.|${fold}|.`, 'suy')

function flowIndex(raw: string, index: number): number {
  const isDouble = raw.startsWith('"')
  const isQuoted = isDouble || raw.startsWith("'")
  const part = isDouble ? doubleQuotedPart : isQuoted ? singleQuotedPart : plainPart
  let at = isQuoted ? 1 : 0
  for (let seen = 0; seen < index;) {
    part.lastIndex = at
    const found = part.exec(raw)
    if (found === null) return at
    const length = textLength(found[0])
    // Within what a fold stands for there is no place of its own.
    if (seen + length > index) return at
    seen += length
    at += found[0].length
  }
  // A fold that joins lines without a space stands before the character.
  return at + (isDouble ? (/^(?:\\\r?\n[ \t]*)+/.exec(raw.slice(at))?.[0].length ?? 0) : 0)
}

/** Characters of the text that a part of the source stands for. */
function textLength(part: string): number {
  if (/^\\\r?\n/.test(part)) return 0
  if (part.startsWith('\\U')) return Number.parseInt(part.slice(2), 16) > 0xffff ? 2 : 1
  if (part.includes('\n')) return Math.max(1, part.split('\n').length - 2)
  // A character beyond the basic plane is two units of the text, and two of the source when it stands as it is.
  return part.length === 2 && !/^[\\']/.test(part) ? 2 : 1
}

/**
 * In block scalars white space alone differs from the text: the same words follow one another, below the header. A
 * place within white space is where that begins.
 */
function blockIndex(raw: string, text: string, index: number): number {
  const word = /[^ \t\r\n]+/g
  const before = text.slice(0, index).match(word) ?? []
  const isInside = /[^ \t\r\n]$/.test(text.slice(0, index))
  const starts = /^[^ \t\r\n]/.test(text.slice(index))
  const last = before.at(-1)?.length ?? 0
  word.lastIndex = raw.indexOf('\n')
  let at = word.lastIndex
  for (let count = 0; count < before.length; count += 1) at = word.exec(raw)?.index ?? at
  if (isInside) return at + last
  if (!starts) return before.length === 0 ? at : at + last
  return word.exec(raw)?.index ?? at
}
