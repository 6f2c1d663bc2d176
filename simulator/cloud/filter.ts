import { ApiError } from './errors.ts'

/** A field that filters and orders can name. Times are milliseconds since the epoch, durations milliseconds. */
export interface Field<T> {
  readonly type: 'string' | 'number' | 'time' | 'duration'
  get(item: T): string | number | undefined
  /** Reads a literal to compare with, where the type does not say how. */
  parse?(text: string): string | number
}

/** Finds the field behind a path such as `['labels', 'dag']`, or null where there is none. */
export type FieldResolver<T> = (path: readonly string[]) => Field<T> | null

/**
 * Compiles a list filter: comparisons with `=`, `!=`, `<`, `<=`, `>`, `>=` and `:` (contains), joined by AND, OR,
 * NOT and parentheses; OR binds tighter than AND. Throws `ApiError` 400 with the place of a mistake.
 *
 * https://google.aip.dev/160
 */
export function compileFilter<T>(text: string, resolve: FieldResolver<T>): (item: T) => boolean {
  if (text.trim() === '') return () => true
  const reader = new FilterReader(text, resolve)
  return reader.read()
}

/** Compiles `orderBy`: `startTime desc, state`. */
export function compileOrder<T>(text: string, resolve: FieldResolver<T>): (left: T, right: T) => number {
  const keys = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const match = /^\s*([\w.]+)(?:\s+(asc|desc))?\s*$/i.exec(part)
      const field = match === null ? null : resolve((match[1] ?? '').split('.'))
      if (match === null || field === null) throw new ApiError(400, `Invalid order by: ${part.trim()}`)
      return { field, sign: match[2]?.toLowerCase() === 'desc' ? -1 : 1 }
    })
  return (left, right) => {
    for (const { field, sign } of keys) {
      const order = compare(field.get(left), field.get(right))
      if (order !== 0) return order * sign
    }
    return 0
  }
}

function compare(left: string | number | undefined, right: string | number | undefined): number {
  if (left === right) return 0
  if (left === undefined) return -1
  if (right === undefined) return 1
  return left < right ? -1 : 1
}

type Token =
  | { readonly kind: 'word' | 'string' | 'operator'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number }

type Predicate<T> = (item: T) => boolean

class FilterReader<T> {
  readonly #tokens: readonly Token[]
  readonly #resolve: FieldResolver<T>
  #next = 0

  constructor(text: string, resolve: FieldResolver<T>) {
    this.#tokens = tokenize(text)
    this.#resolve = resolve
  }

  read(): Predicate<T> {
    const predicate = this.#conjunction(0)
    const rest = this.#peek()
    if (rest.kind !== 'end') throw unexpected(rest)
    return predicate
  }

  /** Factors joined by AND, or by nothing. */
  #conjunction(depth: number): Predicate<T> {
    if (depth > 50) throw new ApiError(400, 'Invalid filter: nested too deeply')
    const factors = [this.#disjunction(depth)]
    for (;;) {
      const token = this.#peek()
      if (token.kind === 'end' || token.text === ')') break
      if (token.kind === 'word' && token.text === 'AND') this.#next += 1
      factors.push(this.#disjunction(depth))
    }
    return (item) => factors.every((factor) => factor(item))
  }

  #disjunction(depth: number): Predicate<T> {
    const terms = [this.#term(depth)]
    while (this.#peek().kind === 'word' && this.#peek().text === 'OR') {
      this.#next += 1
      terms.push(this.#term(depth))
    }
    return (item) => terms.some((term) => term(item))
  }

  #term(depth: number): Predicate<T> {
    const token = this.#take()
    if (
      (token.kind === 'word' && token.text === 'NOT') ||
      (token.kind === 'operator' && token.text === '-')
    ) {
      if (depth > 50) throw new ApiError(400, 'Invalid filter: nested too deeply')
      const inner = this.#term(depth + 1)
      return (item) => !inner(item)
    }
    if (token.kind === 'operator' && token.text === '(') {
      const inner = this.#conjunction(depth + 1)
      const close = this.#take()
      if (close.text !== ')') throw unexpected(close)
      return inner
    }
    if (token.kind !== 'word') throw unexpected(token)
    return this.#comparison(token)
  }

  #comparison(first: Token): Predicate<T> {
    const path = first.text.split('.')
    // labels."a.b/c" = "x"
    while (path.at(-1) === '' && this.#peek().kind === 'string') path.splice(-1, 1, this.#take().text)
    const field = this.#resolve(path)
    if (field === null) throw new ApiError(400, `Invalid filter: unknown field "${path.join('.')}"`)
    const operator = this.#take()
    if (operator.kind !== 'operator' || !/^(=|!=|<|<=|>|>=|:)$/.test(operator.text))
      throw unexpected(operator)
    const value = this.#take()
    if (value.kind !== 'word' && value.kind !== 'string') throw unexpected(value)
    return compileComparison(field, operator.text, value)
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: 0 }
  }

  #take(): Token {
    const token = this.#peek()
    this.#next += 1
    return token
  }
}

function compileComparison<T>(field: Field<T>, operator: string, value: Token): Predicate<T> {
  const wanted = parseLiteral(field, value)
  switch (operator) {
    case '=':
      return (item) => field.get(item) === wanted
    case '!=':
      return (item) => field.get(item) !== wanted
    case ':':
      if (value.text === '*') return (item) => field.get(item) !== undefined
      return (item) => {
        const given = field.get(item)
        return typeof given === 'string' ? given.includes(String(wanted)) : given === wanted
      }
    default:
      return (item) => {
        const given = field.get(item)
        if (given === undefined) return false
        const order = compare(given, wanted)
        return operator.startsWith('<')
          ? order < 0 || (order === 0 && operator === '<=')
          : order > 0 || (order === 0 && operator === '>=')
      }
  }
}

function parseLiteral(field: Field<never>, value: Token): string | number {
  if (field.parse !== undefined) return field.parse(value.text)
  if (field.type === 'string' || value.text === '*') return value.text
  const number =
    field.type === 'time'
      ? Date.parse(value.text)
      : field.type === 'duration'
        ? Number(value.text.replace(/s$/, '')) * 1000
        : Number(value.text)
  if (Number.isNaN(number) || value.text === '') {
    throw new ApiError(400, `Invalid filter: "${value.text}" is not a ${field.type}`)
  }
  return number
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  const pattern =
    /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(<=|>=|!=|[()=<>:])|(-(?=[A-Za-z(]))|([^\s"'()=<>!:]+))/y
  let at = 0
  while (text.slice(at).trim() !== '') {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) throw new ApiError(400, `Invalid filter: unexpected text at position ${at + 1}`)
    const [, double, single, operator, minus, word] = match
    if (word !== undefined) tokens.push({ kind: 'word', text: word, at })
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator, at })
    else if (minus !== undefined) tokens.push({ kind: 'operator', text: minus, at })
    else tokens.push({ kind: 'string', text: (double ?? single ?? '').replaceAll(/\\(.)/g, '$1'), at })
    at = pattern.lastIndex
  }
  tokens.push({ kind: 'end', text: '', at })
  return tokens
}

function unexpected(token: Token): ApiError {
  const what = token.kind === 'end' ? 'end' : `"${token.text}"`
  return new ApiError(400, `Invalid filter: unexpected ${what} at position ${token.at + 1}`)
}
