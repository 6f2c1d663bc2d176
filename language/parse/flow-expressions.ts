import { Lexer } from 'yaml'

/** What ends a plain scalar inside brackets, though it may stand in an expression. */
const delimiters = '{}[],:#'

/** A pass per expression that upsets the lexer; a source with more of them than this is refused as it stands. */
const maxPasses = 50

/** A source whose expressions inside brackets are plain scalars, of the same length; `restore` undoes it in any part. */
interface MaskedSource {
  readonly source: string
  readonly restore: (text: string) => string
}

/**
 * Google's samples write expressions inside brackets without quotes: `fieldPaths: [${key}]`. YAML ends a plain
 * scalar at the brace, so such a source is not YAML, but the service takes it. Here each delimiter within such an
 * expression is replaced by a character that the source does not have. Undefined where there is nothing to replace.
 */
export function maskFlowExpressions(source: string): MaskedSource | undefined {
  if (!source.includes('${')) return undefined
  const base = freeCharacters(source)
  if (base === undefined) return undefined
  let masked = source
  for (let pass = 0; pass < maxPasses; pass++) {
    const { regions, upset } = expressionsInBrackets(masked)
    for (const region of regions) masked = maskRegion(masked, region, base)
    if (!upset) break
  }
  if (masked === source) return undefined
  const hidden = new RegExp(
    `[${String.fromCharCode(base)}-${String.fromCharCode(base + delimiters.length - 1)}]`,
    'g',
  )
  return {
    source: masked,
    restore: (text) => text.replace(hidden, (character) => delimiters.charAt(character.charCodeAt(0) - base)),
  }
}

/** The first of seven characters of the private use area that the source has none of. */
function freeCharacters(source: string): number | undefined {
  for (let base = 0xe000; base < 0xf8f0; base += delimiters.length) {
    const characters = Array.from({ length: delimiters.length }, (_, index) =>
      String.fromCharCode(base + index),
    )
    if (!characters.some((character) => source.includes(character))) return base
  }
  return undefined
}

interface Region {
  readonly start: number
  readonly end: number
}

function maskRegion(source: string, { start, end }: Region, base: number): string {
  const inside = Array.from(source.slice(start, end), (character) => {
    const index = delimiters.indexOf(character)
    return index < 0 ? character : String.fromCharCode(base + index)
  })
  return source.slice(0, start) + inside.join('') + source.slice(end)
}

/** Expressions that begin inside brackets; `upset` where the lexer lost its way in the last of them. */
function expressionsInBrackets(source: string): { regions: Region[]; upset: boolean } {
  const regions: Region[] = []
  let offset = 0
  let depth = 0
  let isScalar = false
  let dollar = false
  let skipTo = 0
  for (const token of new Lexer().lex(source)) {
    if (token === SCALAR) isScalar = true
    if (token === SCALAR || token === DOCUMENT) continue
    if (token === BROKEN_FLOW) depth = 0
    if (token === BROKEN_FLOW) continue
    const inExpression = offset < skipTo
    if (inExpression && offset + token.length > skipTo) return { regions, upset: true }
    if (!inExpression && !isScalar) {
      if (token === '{' && dollar) {
        const start = offset - 1
        const end = expressionEnd(source, start)
        if (end === undefined) return { regions, upset: false }
        regions.push({ start, end })
        skipTo = end
      } else if (token === '[' || token === '{') depth += 1
      else if (token === ']' || token === '}') depth -= 1
    }
    dollar = !inExpression && isScalar && depth > 0 && token === '$'
    isScalar = false
    offset += token.length
  }
  return { regions, upset: false }
}

/** Tokens of the lexer that stand for no text: the next token is a plain scalar, a document begins, brackets end early. */
const SCALAR = '\x1f'
const DOCUMENT = '\x02'
const BROKEN_FLOW = '\x18'

const stringOrBrace = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}]/gs

/** Where the expression that begins with `${` ends: after the brace that closes it, which is in none of its strings. */
function expressionEnd(source: string, start: number): number | undefined {
  stringOrBrace.lastIndex = start
  let depth = 0
  for (let found = stringOrBrace.exec(source); found !== null; found = stringOrBrace.exec(source)) {
    if (found[0] === '{') depth += 1
    else if (found[0] === '}') depth -= 1
    if (depth === 0) return stringOrBrace.lastIndex
  }
  return undefined
}
