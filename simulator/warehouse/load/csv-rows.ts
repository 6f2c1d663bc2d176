/** How a CSV file is written. */
export interface CsvDialect {
  readonly delimiter: string
  /** One character, or empty: no value is quoted. */
  readonly quote: string
  readonly quotedNewlines: boolean
  /** Keep ASCII 0 and other control characters instead of refusing the row. */
  readonly controlCharacters: boolean
}

interface CsvValue {
  readonly text: string
  readonly quoted: boolean
}

/** A row, where it starts, and what is wrong with its quoting. */
export interface CsvRow {
  readonly values: readonly CsvValue[]
  /** From 1; lines, not rows. */
  readonly line: number
  /** Of the row's first byte in the decoded, decompressed file. */
  readonly position: number
  readonly problem?: string
}

/** Rows of a CSV text that comes in pieces, each with its place. A line without a character is no row. */
export class CsvRows {
  readonly #dialect: CsvDialect
  #rest = ''
  #line = 1
  #position = 0

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect
  }

  /** The rows that are whole with this piece. */
  *push(piece: string): Generator<CsvRow> {
    this.#rest += piece
    let at = 0
    for (;;) {
      const end = this.#endOfRow(at, false)
      if (end === null) break
      yield* this.#row(at, end.stop)
      at = end.next
    }
    this.#rest = this.#rest.slice(at)
  }

  /** The last row, which no line break ends. */
  *end(): Generator<CsvRow> {
    let at = 0
    while (at < this.#rest.length) {
      const end = this.#endOfRow(at, true) ?? { stop: this.#rest.length, next: this.#rest.length }
      yield* this.#row(at, end.stop)
      at = end.next
    }
    this.#rest = ''
  }

  *#row(from: number, to: number): Generator<CsvRow> {
    const text = this.#rest.slice(from, to)
    const place = { line: this.#line, position: this.#position }
    let next = to
    if (this.#rest[next] === '\r') next++
    if (this.#rest[next] === '\n') next++
    this.#position += Buffer.byteLength(text) + next - to
    this.#line += 1 + (text.match(/\r\n|\r|\n/g)?.length ?? 0)
    if (text === '') return
    yield { ...place, ...parseRow(text, this.#dialect) }
  }

  /** Where the row ends and the next begins; null while that is not known. */
  #endOfRow(from: number, last: boolean): { readonly stop: number; readonly next: number } | null {
    const { quote, quotedNewlines } = this.#dialect
    const text = this.#rest
    let at = from
    for (;;) {
      const stop = lineEnd(text, at)
      // A carriage return at the end of a piece may be half of a line break.
      if (stop < 0 || (!last && stop === text.length - 1 && text[stop] === '\r')) return null
      const next = text[stop] === '\r' && text[stop + 1] === '\n' ? stop + 2 : stop + 1
      if (quote === '' || !quotedNewlines || !opensQuote(text.slice(from, stop), this.#dialect))
        return { stop, next }
      at = next
    }
  }
}

function lineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from)
  const limit = feed < 0 ? text.length : feed
  for (let at = from; at < limit; at++) if (text.charCodeAt(at) === 13) return at
  return feed
}

/** Whether a quoted value is still open at the end of the text. */
function opensQuote(text: string, dialect: CsvDialect): boolean {
  return text.includes(dialect.quote) && parseRow(text, dialect).problem === missingQuote(dialect)
}

function missingQuote({ quote }: CsvDialect): string {
  return quote === '"'
    ? 'Missing close double quote (") character.'
    : `Missing close quote (${quote}) character.`
}

function strayText({ quote }: CsvDialect): string {
  return `Data between close ${quote === '"' ? 'double quote (")' : `quote (${quote})`} and field separator.`
}

/** Values of one row; a quote inside a quoted value is written twice. */
function parseRow(
  text: string,
  dialect: CsvDialect,
): { readonly values: readonly CsvValue[]; readonly problem?: string } {
  const { delimiter, quote } = dialect
  const control = !dialect.controlCharacters && text.includes('\0')
  const bad = control ? { problem: 'Bad character (ASCII 0) encountered.' } : {}
  if (quote === '' || !text.includes(quote))
    return { values: text.split(delimiter).map((value) => ({ text: value, quoted: false })), ...bad }
  const values: CsvValue[] = []
  let at = 0
  for (;;) {
    if (text.startsWith(quote, at)) {
      let value = ''
      let from = at + quote.length
      for (;;) {
        const close = text.indexOf(quote, from)
        if (close < 0) return { values, problem: missingQuote(dialect) }
        value += text.slice(from, close)
        from = close + quote.length
        if (!text.startsWith(quote, from)) break
        value += quote
        from += quote.length
      }
      values.push({ text: value, quoted: true })
      at = from
      if (at < text.length && !text.startsWith(delimiter, at)) return { values, problem: strayText(dialect) }
    } else {
      const next = text.indexOf(delimiter, at)
      const stop = next < 0 ? text.length : next
      values.push({ text: text.slice(at, stop), quoted: false })
      at = stop
    }
    if (at >= text.length) return { values, ...bad }
    at += delimiter.length
    if (at === text.length) {
      values.push({ text: '', quoted: false })
      return { values, ...bad }
    }
  }
}
