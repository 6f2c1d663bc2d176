import { isIPv6 } from 'node:net'
import { BIGINT, BLOB, DuckDBBlobValue, VARCHAR } from '@duckdb/node-api'
import { native, type NativeFunction, need } from './define.ts'

function parseAddress(text: string): Uint8Array | null {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (four) {
    const bytes = four.slice(1).map(Number)
    const plain = four.slice(1).every((part) => part === '0' || !part.startsWith('0'))
    return plain && bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : null
  }
  if (!isIPv6(text) || text.includes('%')) return null
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const last = tail ? parseAddress(tail[2]!) : null
  const whole = last
    ? `${tail![1]}${((last[0]! << 8) | last[1]!).toString(16)}:${((last[2]! << 8) | last[3]!).toString(16)}`
    : text
  const [head = '', rest] = whole.split('::')
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [before, after] = [words(head), words(rest ?? '')]
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after]
  return Uint8Array.from(
    all.flatMap((word) => {
      const value = Number.parseInt(word, 16)
      return [value >> 8, value & 255]
    }),
  )
}

function addressText(x: DuckDBBlobValue): string {
  const bytes = Array.from(x.bytes)
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16)
    return need<string>(null, `Invalid argument to NET.IP_TO_STRING: ${bytes.length} bytes`)
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16))
  // The longest run of two or more zero words becomes "::".
  let [start, size] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let run = 0
    while (words[i + run] === '0') run++
    if (run > size) [start, size] = [i, run]
  }
  if (start < 0) return words.join(':')
  return `${words.slice(0, start).join(':')}::${words.slice(start + size).join(':')}`
}

function mask(size: bigint, length: bigint): DuckDBBlobValue {
  if ((size !== 4n && size !== 16n) || length < 0n || length > size * 8n)
    return need<DuckDBBlobValue>(null, 'Invalid argument to NET.IP_NET_MASK')
  return new DuckDBBlobValue(
    Uint8Array.from({ length: Number(size) }, (_, i) => {
      const ones = Math.max(0, Math.min(8, Number(length) - i * 8))
      return (0xff << (8 - ones)) & 0xff
    }),
  )
}

/** The host of a URL or of something like one; null where there is none. */
function host(url: string): string | null {
  const text = url.trim().replace(/^[A-Za-z][A-Za-z0-9+.-]*:(?=\/\/)/, '')
  const authority = text.replace(/^\/\//, '').split(/[/?#]/)[0]!
  const name = /^(\[[^\]]*\]|[^:]*)/.exec(authority.replace(/^.*@/, ''))![0]
  return name === '' ? null : name
}

export const netFunctions: readonly NativeFunction[] = [
  native('bq_net_host', [VARCHAR], VARCHAR, host),
  native('bq_net_address', [VARCHAR], BLOB, (text: string) => {
    const bytes = parseAddress(text)
    return bytes ? new DuckDBBlobValue(bytes) : null
  }),
  native('bq_net_text', [BLOB], VARCHAR, addressText),
  native('bq_net_mask', [BIGINT, BIGINT], BLOB, mask),
  native('bq_net_truncate', [BLOB, BIGINT], BLOB, (x: DuckDBBlobValue, length: bigint) => {
    const bits = mask(BigInt(x.bytes.length), length).bytes
    return new DuckDBBlobValue(x.bytes.map((byte, i) => byte & bits[i]!))
  }),
  native('bq_net_from_integer', [BIGINT], BLOB, (x: bigint) => {
    if (x < -(1n << 31n) || x >= 1n << 32n)
      return need<null>(null, `NET.IPV4_FROM_INT64() out of range: ${x}`)
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, Number(BigInt.asUintN(32, x)))
    return new DuckDBBlobValue(bytes)
  }),
  native('bq_net_to_integer', [BLOB], BIGINT, (x: DuckDBBlobValue) =>
    x.bytes.length === 4
      ? BigInt(`0x${Buffer.from(x.bytes).toString('hex')}`)
      : need(null, 'NET.IPV4_TO_INT64() requires 4 bytes'),
  ),
]
