import { doubleText, fitsInteger } from './numbers.ts'
import type { RuntimeMap, RuntimeValue } from './value.ts'

/** Text that is not JSON, or a value that JSON cannot hold. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
}

/** Deeper documents are refused rather than exhaust the stack. */
const DEEPEST = 1_000

/** Reads JSON. Whole numbers become 64-bit integers (doubles where they do not fit), others doubles. */
export function parseJson(text: string): RuntimeValue {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): RuntimeValue {
    if (depth > DEEPEST) throw this.#error(`nested deeper than ${DEEPEST} levels`)
    this.#space()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#map(depth)
      case '[':
        return this.#list(depth)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length) throw this.#error('unexpected text after the value')
  }

  #map(depth: number): RuntimeMap {
    const map = new Map<string, RuntimeValue>()
    this.#at += 1
    if (this.#taken('}')) return map
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') throw this.#error('expected a key')
      const key = this.#string()
      if (!this.#taken(':')) throw this.#error("expected ':'")
      map.set(key, this.value(depth + 1))
    } while (this.#taken(','))
    if (!this.#taken('}')) throw this.#error("expected ',' or '}'")
    return map
  }

  #list(depth: number): RuntimeValue[] {
    const list: RuntimeValue[] = []
    this.#at += 1
    if (this.#taken(']')) return list
    do list.push(this.value(depth + 1))
    while (this.#taken(','))
    if (!this.#taken(']')) throw this.#error("expected ',' or ']'")
    return list
  }

  #string(): string {
    const start = this.#at
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const character = this.#text.charCodeAt(at)
      if (character === BACKSLASH) at += 1
      else if (character === QUOTE) {
        this.#at = at + 1
        // The platform's own reader knows the escapes; a string holds nothing that it would lose.
        const literal = this.#text.slice(start, at + 1)
        try {
          return JSON.parse(literal) as string
        } catch {
          this.#at = start
          throw this.#error('bad string')
        }
      }
    }
    throw this.#error('string without an end')
  }

  #number(): bigint | number {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null)
      throw this.#error(this.#at < this.#text.length ? 'unexpected character' : 'unexpected end')
    this.#at = NUMBER.lastIndex
    const [literal, fraction] = match
    if (fraction === '') {
      const value = BigInt(literal)
      if (fitsInteger(value)) return value
    }
    const double = Number(literal)
    if (!Number.isFinite(double)) throw this.#error('number out of range')
    return double
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error('unexpected character')
    this.#at += word.length
    return value
  }

  #taken(character: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #space(): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    }
  }

  #error(what: string): JsonError {
    return new JsonError(`invalid JSON at character ${this.#at}: ${what}`)
  }
}

const BACKSLASH = 0x5c
const QUOTE = 0x22
const NUMBER = /-?(?:0|[1-9]\d*)((?:\.\d+)?(?:[eE][+-]?\d+)?)/y

export interface JsonOptions {
  /** What each level is indented with; compact without it. */
  readonly indent?: string
  /** What each line but the first begins with. */
  readonly prefix?: string
  /** Refuse to write more characters than this. */
  readonly limit?: number
  /** Order of a map's keys. @default 'insertion' */
  readonly keyOrder?: 'insertion' | 'sorted'
}

/** Writes JSON. Throws `JsonError` for bytes, functions and doubles that are not finite. */
export function writeJson(value: RuntimeValue, options: JsonOptions = {}): string {
  const pieces: string[] = []
  const { indent = '', prefix = '', limit = Infinity } = options
  const pretty = indent !== '' || prefix !== ''
  let length = 0
  const put = (piece: string) => {
    length += piece.length
    if (length > limit) throw new JsonError(`JSON text longer than ${limit} characters`)
    pieces.push(piece)
  }
  const line = (depth: number) => {
    if (pretty) put(`\n${prefix}${indent.repeat(depth)}`)
  }
  const write = (item: RuntimeValue, depth: number): void => {
    if (Array.isArray(item)) {
      put('[')
      for (let index = 0; index < item.length; index += 1) {
        if (index > 0) put(',')
        line(depth + 1)
        write(item[index] as RuntimeValue, depth + 1)
      }
      if (item.length > 0) line(depth)
      put(']')
    } else if (item instanceof Map) {
      put('{')
      let first = true
      for (const key of orderedKeys(item, options.keyOrder)) {
        if (!first) put(',')
        first = false
        line(depth + 1)
        put(pretty ? `${JSON.stringify(key)}: ` : `${JSON.stringify(key)}:`)
        write(item.get(key) as RuntimeValue, depth + 1)
      }
      if (item.size > 0) line(depth)
      put('}')
    } else {
      put(scalar(item))
    }
  }
  write(value, 0)
  return pieces.join('')
}

/** The keys of a map in the order that `keys()` and JSON show them. */
export function orderedKeys(map: RuntimeMap, order: JsonOptions['keyOrder']): readonly string[] {
  const keys = [...map.keys()]
  return order === 'sorted' ? keys.toSorted() : keys
}

function scalar(value: RuntimeValue): string {
  switch (typeof value) {
    case 'bigint':
      return value.toString()
    case 'string':
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      if (!Number.isFinite(value)) throw new JsonError(`${value} cannot be written as JSON`)
      return doubleText(value)
    default:
      if (value === null) return 'null'
      throw new JsonError(`${value instanceof Uint8Array ? 'bytes' : 'functions'} cannot be written as JSON`)
  }
}
