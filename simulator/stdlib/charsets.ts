import { valueError } from '../engine/errors.ts'

/**
 * Character sets by their IANA names, whatever the case.
 * https://cloud.google.com/workflows/docs/reference/stdlib/text/decode
 */
interface Charset {
  /** Each byte that means nothing becomes U+FFFD. */
  decode(data: Uint8Array): string
  /** Null for a character that the set does not have. */
  encode(text: string): Uint8Array | null
}

/** Text from bytes; raises ValueError for a set that is not known. */
export function decodeText(name: string, data: Uint8Array, charset: string): string {
  return find(name, charset).decode(data)
}

/** Bytes of a text; raises ValueError also for a character that the set does not have. */
export function encodeText(name: string, text: string, charset: string): Uint8Array {
  const bytes = find(name, charset).encode(text)
  if (bytes === null) throw valueError(`${name}: the text has characters that ${charset} does not have`)
  return bytes
}

const REPLACEMENT = '\ufffd'
const ASCII = new Set('us-ascii ascii ansi_x3.4-1968 iso-ir-6 iso646-us us ibm367 cp367 csascii'.split(' '))
const LATIN1 = new Set(
  'iso-8859-1 iso_8859-1 iso8859-1 iso_8859-1:1987 iso-ir-100 latin1 l1 ibm819 cp819 csisolatin1'.split(' '),
)
/** Sets of the web that are none, or whose bytes cannot be told one by one. */
const REFUSED = /^(x-user-defined|replacement|iso-2022-.*|hz-gb-2312|csiso2022.*)$/

const known = new Map<string, Charset>()

function find(name: string, charset: string): Charset {
  const label = charset.toLowerCase()
  let found = known.get(label)
  if (found === undefined) {
    const made = make(label)
    if (made === null) throw valueError(`${name}: unknown charset '${charset}'`)
    found = made
    known.set(label, found)
  }
  return found
}

function make(label: string): Charset | null {
  if (label === 'utf-8' || label === 'utf8') return utf8
  if (label === 'utf-16le') return utf16('utf-16le')
  if (label === 'utf-16be') return utf16('utf-16be')
  if (label === 'utf-16') return utf16WithMark
  if (ASCII.has(label)) return firstCodes(0x80)
  if (LATIN1.has(label)) return firstCodes(0x100)
  if (label !== label.trim() || REFUSED.test(label)) return null
  try {
    return byTable(label)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const utf8: Charset = {
  decode: (data) => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
    } catch {
      return decodeBroken(data)
    }
  },
  encode: (text) => new TextEncoder().encode(text),
}

/** The platform puts one U+FFFD for several bytes; here each byte gets its own. */
function decodeBroken(data: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const pieces: string[] = []
  for (let at = 0; at < data.length;) {
    const first = data[at]!
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    try {
      pieces.push(strict.decode(data.subarray(at, at + length)))
      at += length
    } catch {
      pieces.push(REPLACEMENT)
      at += 1
    }
  }
  return pieces.join('')
}

function utf16(label: 'utf-16le' | 'utf-16be'): Charset {
  return {
    decode: (data) => new TextDecoder(label, { ignoreBOM: true }).decode(data),
    encode: (text) => {
      const bytes = new Uint8Array(Buffer.from(text, 'utf16le'))
      return label === 'utf-16le' ? bytes : new Uint8Array(Buffer.from(bytes).swap16())
    },
  }
}

/** The byte order mark tells the order; without one it is the big end first. https://www.rfc-editor.org/rfc/rfc2781 */
const utf16WithMark: Charset = {
  decode: (data) => {
    const isLittle = data[0] === 0xff && data[1] === 0xfe
    return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(data)
  },
  encode: (text) => utf16('utf-16be').encode(`\ufeff${text}`),
}

/** A set whose bytes are the first codes of Unicode. */
function firstCodes(count: number): Charset {
  return {
    decode: (data) =>
      Array.from(data, (byte) => (byte < count ? String.fromCharCode(byte) : REPLACEMENT)).join(''),
    encode: (text) => {
      const bytes = Uint8Array.from(text, (character) => Math.min(character.codePointAt(0)!, 0xff))
      const fits = Array.from(text).every((character) => character.codePointAt(0)! < count)
      return fits ? bytes : null
    },
  }
}

/** The platform only decodes these sets; how a character is encoded is found by decoding all one and two bytes. */
function byTable(label: string): Charset {
  const decoder = new TextDecoder(label)
  let table: ReadonlyMap<string, readonly number[]> | undefined
  return {
    decode: (data) => decoder.decode(data),
    encode: (text) => {
      table ??= encodingTable(label)
      const bytes: number[] = []
      for (const character of text) {
        const code = table.get(character)
        if (code === undefined) return null
        bytes.push(...code)
      }
      return Uint8Array.from(bytes)
    },
  }
}

function encodingTable(label: string): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder(label)
  const table = new Map<string, readonly number[]>()
  const add = (code: readonly number[]): boolean => {
    const text = decoder.decode(Uint8Array.from(code))
    const isOne = Array.from(text).length === 1 && text !== REPLACEMENT
    if (isOne && !table.has(text)) table.set(text, code)
    return isOne
  }
  const leads: number[] = []
  for (let byte = 0; byte < 0x100; byte += 1) if (!add([byte]) && byte > 0x80) leads.push(byte)
  if (leads.length === 0) return table
  for (const lead of leads) for (let trail = 0x40; trail < 0xff; trail += 1) add([lead, trail])
  return table
}
