import { lex, type Token } from '../lexer.ts'
import { invalid, unsupported, type SqlProblem } from '../problem.ts'
import type { Name } from '../syntax.ts'
import { reservedWords } from './words.ts'

/** A position in the tokens of one source. The only mutable thing of the parser. */
export class Cursor {
  readonly source: string
  readonly tokens: readonly Token[]
  index = 0
  /** How many `?` have been read. */
  positional = 0

  constructor(source: string) {
    this.source = source
    this.tokens = lex(source)
  }

  get token(): Token {
    return this.tokens[this.index]!
  }

  get at(): number {
    return this.token.at
  }

  /** Where the last token that was taken ends. */
  get lastEnd(): number {
    return this.tokens[this.index - 1]?.end ?? 0
  }

  peek(ahead = 1): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)]!
  }

  take(): Token {
    const token = this.token
    if (token.kind !== 'end') this.index++
    return token
  }

  is(...words: readonly string[]): boolean {
    return words.includes(this.token.word) && this.token.word !== ''
  }

  /** Whether the next tokens are these words, in this order. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => this.peek(i).word === word)
  }

  /** Takes the words if they all come next. */
  accept(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false
    this.index += words.length
    return true
  }

  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.unexpected(word)
  }

  unexpected(wanted?: string): SqlProblem {
    const { token } = this
    const expected = wanted ? `Expected ${quoteForMessage(wanted)} but got` : 'Unexpected'
    return invalid(token.at, `Syntax error: ${expected} ${describe(token)}`)
  }

  unsupported(what: string): SqlProblem {
    return unsupported(this.at, what)
  }

  /** A name; reserved words need backticks. */
  name(): Name {
    const { token } = this
    if (token.kind === 'quotedName' || (token.kind === 'name' && !reservedWords.has(token.word))) {
      this.index++
      return { text: token.text, at: token.at }
    }
    throw this.unexpected()
  }

  isName(): boolean {
    const { token } = this
    return token.kind === 'quotedName' || (token.kind === 'name' && !reservedWords.has(token.word))
  }

  /** A name after a dot, where reserved words are allowed. */
  fieldName(): Name {
    const { token } = this
    if (token.kind !== 'quotedName' && token.kind !== 'name') throw this.unexpected('identifier')
    this.index++
    return { text: token.text, at: token.at }
  }

  list<T>(item: () => T, separator = ','): T[] {
    const items = [item()]
    while (this.accept(separator)) items.push(item())
    return items
  }

  /** Splits `>>` so that nested type parameters close. */
  closeAngle(): void {
    if (this.accept('>')) return
    if (!this.is('>>')) throw this.unexpected('>')
    const token = this.token
    ;(this.tokens as Token[])[this.index] = { ...token, text: '>', word: '>', at: token.at + 1 }
  }
}

function quoteForMessage(word: string): string {
  return /^[A-Z]/.test(word)
    ? `keyword ${word}`
    : word === 'identifier' || word === 'end of input'
      ? word
      : `"${word}"`
}

function describe(token: Token): string {
  if (token.kind === 'end') return 'end of script'
  if (token.kind === 'string') return `string literal ${JSON.stringify(token.text)}`
  if (token.kind === 'name' && reservedWords.has(token.word)) return `keyword ${token.word}`
  if (token.kind === 'name' || token.kind === 'quotedName') return `identifier ${JSON.stringify(token.text)}`
  if (token.kind === 'integer') return `integer literal ${JSON.stringify(token.text)}`
  if (token.kind === 'float') return `floating point literal ${JSON.stringify(token.text)}`
  return JSON.stringify(token.text)
}
