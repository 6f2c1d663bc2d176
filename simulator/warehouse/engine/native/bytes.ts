import { BIGINT, BLOB, DuckDBBlobValue, VARCHAR } from '@duckdb/node-api'
import { native, type NativeFunction, need } from './define.ts'

function bufferOf(x: DuckDBBlobValue): Buffer {
  return Buffer.from(x.bytes)
}

function blob(bytes: Uint8Array): DuckDBBlobValue {
  return new DuckDBBlobValue(bytes)
}

/** Bytes as text of one character each, so that what works on text works on them. */
const bytesAsText: readonly NativeFunction[] = [
  native('bq_bytes_text', [BLOB], VARCHAR, (x: DuckDBBlobValue) => bufferOf(x).toString('latin1')),
  native('bq_text_bytes', [VARCHAR], BLOB, (x: string) => blob(Buffer.from(x, 'latin1'))),
]

/** Splits as SPLIT does: no delimiter gives single bytes. Each part in hexadecimal, with commas between. */
function split(x: DuckDBBlobValue, by: DuckDBBlobValue): string {
  const [text, delimiter] = [bufferOf(x).toString('latin1'), bufferOf(by).toString('latin1')]
  return text
    .split(delimiter)
    .map((part) => Buffer.from(part, 'latin1').toString('hex'))
    .join(',')
}

function bitwise(name: string, run: (a: number, b: number) => number): NativeFunction {
  return native(`bq_bytes_${name}`, [BLOB, BLOB], BLOB, (x: DuckDBBlobValue, y: DuckDBBlobValue) => {
    const [a, b] = [bufferOf(x), bufferOf(y)]
    if (a.length !== b.length)
      return need(null, 'Bitwise binary operator for BYTES requires equal length of the inputs')
    return blob(a.map((value, i) => run(value, b[i]!) & 255))
  })
}

/** Shifts the bits of all bytes as one number. */
function shift(x: DuckDBBlobValue, by: bigint, left: boolean): DuckDBBlobValue {
  if (by < 0n) return need<DuckDBBlobValue>(null, 'Bitwise shift by negative offset.')
  const bytes = bufferOf(x)
  const bits = BigInt(bytes.length * 8)
  if (bytes.length === 0 || by >= bits) return blob(new Uint8Array(bytes.length))
  const number = BigInt(`0x${bytes.toString('hex')}`)
  const moved = left ? BigInt.asUintN(bytes.length * 8, number << by) : number >> by
  return blob(Buffer.from(moved.toString(16).padStart(bytes.length * 2, '0'), 'hex'))
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function toBase32(x: DuckDBBlobValue): string {
  const bits = Array.from(bufferOf(x), (byte) => byte.toString(2).padStart(8, '0')).join('')
  const digits = (bits.match(/.{1,5}/g) ?? []).map(
    (five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)],
  )
  return digits.join('').padEnd(Math.ceil(digits.length / 8) * 8, '=')
}

function fromBase32(text: string): DuckDBBlobValue {
  if (!/^[A-Z2-7]*=*$/.test(text) || text.length % 8 !== 0)
    return need<DuckDBBlobValue>(null, `Failed to decode invalid base32 string: ${text}`)
  const bits = Array.from(text.replace(/=+$/, ''), (char) =>
    alphabet.indexOf(char).toString(2).padStart(5, '0'),
  ).join('')
  return blob(Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2)))
}

function trim(x: DuckDBBlobValue, set: DuckDBBlobValue, sides: string): DuckDBBlobValue {
  const [bytes, members] = [bufferOf(x), new Set(set.bytes)]
  let [from, to] = [0, bytes.length]
  if (sides !== 'right') while (from < to && members.has(bytes[from]!)) from++
  if (sides !== 'left') while (to > from && members.has(bytes[to - 1]!)) to--
  return blob(bytes.subarray(from, to))
}

function ascii(x: DuckDBBlobValue, from: number, to: number, by: number): DuckDBBlobValue {
  return blob(bufferOf(x).map((byte) => (byte >= from && byte <= to ? byte + by : byte)))
}

export const bytesFunctions: readonly NativeFunction[] = [
  ...bytesAsText,
  native('bq_bytes_split', [BLOB, BLOB], VARCHAR, split),
  native('bq_bytes_find', [BLOB, BLOB], BIGINT, (x: DuckDBBlobValue, y: DuckDBBlobValue) =>
    BigInt(bufferOf(x).indexOf(bufferOf(y)) + 1),
  ),
  native('bq_bytes_reverse', [BLOB], BLOB, (x: DuckDBBlobValue) => blob(bufferOf(x).toReversed())),
  native(
    'bq_bytes_replace',
    [BLOB, BLOB, BLOB],
    BLOB,
    (x: DuckDBBlobValue, from: DuckDBBlobValue, to: DuckDBBlobValue) =>
      from.bytes.length === 0
        ? x
        : blob(
            Buffer.from(
              bufferOf(x)
                .toString('latin1')
                .split(bufferOf(from).toString('latin1'))
                .join(bufferOf(to).toString('latin1')),
              'latin1',
            ),
          ),
  ),
  native('bq_bytes_trim', [BLOB, BLOB, VARCHAR], BLOB, trim),
  native('bq_bytes_upper', [BLOB], BLOB, (x: DuckDBBlobValue) => ascii(x, 97, 122, -32)),
  native('bq_bytes_lower', [BLOB], BLOB, (x: DuckDBBlobValue) => ascii(x, 65, 90, 32)),
  native('bq_bytes_bit_count', [BLOB], BIGINT, (x: DuckDBBlobValue) =>
    BigInt(bufferOf(x).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)),
  ),
  bitwise('and', (a, b) => a & b),
  bitwise('or', (a, b) => a | b),
  bitwise('xor', (a, b) => a ^ b),
  native('bq_bytes_not', [BLOB], BLOB, (x: DuckDBBlobValue) => blob(bufferOf(x).map((byte) => ~byte & 255))),
  native('bq_bytes_left', [BLOB, BIGINT], BLOB, (x: DuckDBBlobValue, n: bigint) => shift(x, n, true)),
  native('bq_bytes_right', [BLOB, BIGINT], BLOB, (x: DuckDBBlobValue, n: bigint) => shift(x, n, false)),
  native('bq_to_base32', [BLOB], VARCHAR, toBase32),
  native('bq_from_base32', [VARCHAR], BLOB, fromBase32),
  native('bq_code_bytes', [VARCHAR], BLOB, (list: string) =>
    blob(
      Uint8Array.from(list === '' ? [] : list.split(','), (code) =>
        Number(code) >= 0 && Number(code) < 256
          ? Number(code)
          : need<number>(null, `Invalid extended ASCII code points ${code}`),
      ),
    ),
  ),
]
