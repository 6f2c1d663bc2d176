import type { Location } from '../location.ts'

/** A line of source with a mark under what it is about. */
export interface Excerpt {
  /** The number in the margin, e.g. ` 12 | `. */
  readonly margin: string
  readonly line: string
  /** Columns from 0, end excluded. */
  readonly mark: readonly [number, number]
}

/** Longer lines are cut around the mark. */
const widest = 96

/** The line that a location names; null where the source does not have it. */
export function excerptOf(source: string, { line, column = 1, name }: Location): Excerpt | null {
  const text = source.split('\n')[line - 1]?.trimEnd()
  if (text === undefined || text.trim() === '') return null
  const [from, to] = markIn(text, column - 1, name)
  const start = text.length > widest && from > widest - 20 ? from - 20 : 0
  const shown = text.slice(start, start + widest)
  return {
    margin: `${String(line).padStart(5)} | `,
    line: shown.replaceAll('\t', ' '),
    mark: [from - start, Math.min(to - start, shown.length)],
  }
}

/**
 * The name that is called or read at a column. A file is compiled before it runs, which moves calls of imported names to
 * the right; so the nearest call before the column counts where none stands there.
 */
function markIn(text: string, column: number, wanted?: string): readonly [number, number] {
  const names = [...text.matchAll(/[A-Za-z_$][\w$]*/g)].map(({ 0: name, index }) => ({
    name,
    from: index,
    to: index + name.length,
  }))
  const named = names.findLast(({ name, from }) => name === wanted && from <= column)
  if (named) return [named.from, named.to]
  const exact = names.find(({ from }) => from === column)
  if (exact && (isCalled(text, exact.to) || text[exact.from - 1] === '.')) return [exact.from, exact.to]
  const before = names.findLast(({ from, to }) => from <= column && isCalled(text, to))
  const chosen = before ?? exact ?? names[0]
  if (chosen) return [chosen.from, chosen.to]
  const first = text.search(/\S/)
  return [first, text.length]
}

function isCalled(text: string, end: number): boolean {
  return /^\s*[(`<]/.test(text.slice(end))
}
