/** Strings count in characters (code points), not in UTF-16 units; most have no difference. */
const SURROGATE = /[\ud800-\udfff]/

export function characterCount(text: string): number {
  if (!SURROGATE.test(text)) return text.length
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** The characters from `start` up to, not including, `end`. */
export function characterSlice(text: string, start: number, end: number): string {
  if (!SURROGATE.test(text)) return text.slice(start, end)
  return Array.from(text).slice(start, end).join('')
}

/** Turns ascending UTF-16 offsets into character positions. */
export function characterPositions(text: string): (offset: number) => number {
  if (!SURROGATE.test(text)) return (offset) => offset
  let known = 0
  let position = 0
  return (offset) => {
    for (; known < offset; position += 1) known += text.codePointAt(known)! > 0xffff ? 2 : 1
    return position
  }
}
