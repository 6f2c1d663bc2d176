/**
 * A short text that a regular expression may match: the first way through it, each repetition as often as it must be.
 * Whoever uses it checks that it does match; look-arounds and back references are beyond it.
 */
export function textFor(pattern: string): string {
  const [text] = alternatives(pattern, 0)
  return text
}

/** Reads from a position to the end of the pattern or of its group; resolves with the first alternative's text. */
function alternatives(pattern: string, from: number): readonly [text: string, end: number] {
  let first: string | null = null
  let text = ''
  let at = from
  while (at < pattern.length && pattern[at] !== ')') {
    if (pattern[at] === '|') {
      first ??= text
      text = ''
      at += 1
      continue
    }
    const [piece, next] = atom(pattern, at)
    const [least, end] = quantifier(pattern, next)
    text += piece.repeat(least)
    at = end
  }
  return [first ?? text, at]
}

function atom(pattern: string, at: number): readonly [text: string, end: number] {
  const character = pattern[at] ?? ''
  switch (character) {
    case '^':
    case '$':
      return ['', at + 1]
    case '.':
      return ['x', at + 1]
    case '\\':
      return [escaped(pattern[at + 1] ?? ''), at + 2]
    case '[': {
      const end = pattern.indexOf(']', pattern[at + 1] === ']' ? at + 2 : at + 1)
      return [memberOf(pattern.slice(at + 1, end)), end + 1]
    }
    case '(': {
      const start = /^\(\?(?::|<\w+>)/.exec(pattern.slice(at))?.[0].length ?? 1
      const [text, end] = alternatives(pattern, at + start)
      return [text, end + 1]
    }
    default:
      return [character, at + 1]
  }
}

/** How often at least, and where the quantifier ends. */
function quantifier(pattern: string, at: number): readonly [least: number, end: number] {
  const [given = ''] = /^(?:[*?+]|\{\d+(?:,\d*)?\})\??/.exec(pattern.slice(at)) ?? []
  if (given === '') return [1, at]
  const least = given.startsWith('{') ? Number(/\d+/.exec(given)?.[0]) : given.startsWith('+') ? 1 : 0
  return [least, at + given.length]
}

function escaped(character: string): string {
  const classes: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ', D: 'x', W: '-', S: 'x', b: '' }
  return classes[character] ?? character
}

/** One character of a class; of a negated one whatever it does not name. */
function memberOf(members: string): string {
  if (!members.startsWith('^'))
    return members.startsWith('\\') ? escaped(members[1] ?? '') : (members[0] ?? '')
  const excluded = new RegExp(`[${members.slice(1)}]`)
  return Array.from('xa0-_ /.A').find((candidate) => !excluded.test(candidate)) ?? ''
}
