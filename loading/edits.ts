/** What stands between two offsets of a source is replaced by a text; offsets that are equal insert it. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Blanks in place of a part of a source, which leave every line and column where it is. */
export function blank(source: string, start: number, end: number, first = ''): Edit {
  const text = first + source.slice(start + first.length, end).replaceAll(/[^\r\n\u2028\u2029]/g, ' ')
  return { start, end, text }
}

/** Another text in place of a part of a source, the lines below it staying where they are. */
export function replaced(source: string, start: number, end: number, text: string): Edit {
  return { start, end, text: text + source.slice(start, end).replaceAll(/[^\r\n\u2028\u2029]/g, '') }
}

/** Edits must not overlap; those at the same offset come in the order in which they were made. */
export function edited(source: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new Error(`edits overlap at ${start}`)
    parts.push(source.slice(at, start), text)
    at = end
  }
  return parts.join('') + source.slice(at)
}
