export function initcap(text: string, breaks: string): string {
  let start = true
  return Array.from(text, (char) => {
    const out = start ? char.toUpperCase() : char.toLowerCase()
    start = breaks.includes(char)
    return out
  }).join('')
}

/** INSTR: the position (from 1) of an occurrence, counted from the end with a negative start. */
export function instr(text: string, search: string, position: bigint, occurrence: bigint): bigint {
  if (position === 0n || occurrence <= 0n)
    throw new Error('INSTR position must not be 0 and occurrence must be positive')
  const [hay, needle] = [Array.from(text), Array.from(search)]
  if (needle.length === 0) return 0n
  const matches = hay.flatMap((_, i) => (needle.every((char, j) => hay[i + j] === char) ? [i] : []))
  const start = Number(position)
  const found =
    start > 0
      ? matches.filter((i) => i >= start - 1)
      : matches.filter((i) => i <= hay.length + start).toReversed()
  const i = found[Number(occurrence) - 1]
  return i === undefined ? 0n : BigInt(i + 1)
}

export function normalize(text: string, form: string, fold: boolean): string {
  const normal = text.normalize(form)
  return fold ? normal.toLowerCase().replaceAll('ß', 'ss').normalize(form) : normal
}

const codes: Readonly<Record<string, string>> = {
  B: '1',
  F: '1',
  P: '1',
  V: '1',
  C: '2',
  G: '2',
  J: '2',
  K: '2',
  Q: '2',
  S: '2',
  X: '2',
  Z: '2',
  D: '3',
  T: '3',
  L: '4',
  M: '5',
  N: '5',
  R: '6',
}

export function soundex(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z]/g, '')
  if (letters === '') return ''
  let out = letters[0]!
  let last = codes[out] ?? ''
  for (const letter of letters.slice(1)) {
    const code = codes[letter] ?? ''
    if (code !== '' && code !== last) out += code
    if (letter !== 'H' && letter !== 'W') last = code
  }
  return out.padEnd(4, '0').slice(0, 4)
}

export function translate(text: string, from: string, to: string): string {
  const target = Array.from(to)
  const source = Array.from(from)
  if (new Set(source).size !== source.length)
    throw new Error('Duplicate character in TRANSLATE source characters')
  return Array.from(text, (char) => {
    const i = source.indexOf(char)
    return i < 0 ? char : (target[i] ?? '')
  }).join('')
}

export function editDistance(a: string, b: string): bigint {
  const [x, y] = [Array.from(a), Array.from(b)]
  let row = y.map((_, j) => j + 1)
  for (const [i, char] of x.entries()) {
    let diagonal = i
    let left = i + 1
    row = row.map((above, j) => {
      const value = Math.min(left + 1, above + 1, diagonal + (char === y[j] ? 0 : 1))
      diagonal = above
      left = value
      return value
    })
  }
  return BigInt(row.at(-1) ?? x.length)
}
