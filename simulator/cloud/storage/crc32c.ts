/** Castagnoli's polynomial, bit-reversed; four tables, so that four bytes are taken at a time. */
const tables: readonly Uint32Array[] = buildTables(0x82f63b78)

/** Continues a CRC32C over further bytes; start with 0. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const [first, second, third, fourth] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
  let crc = ~previous
  let index = 0
  for (const end = bytes.length - 3; index < end; index += 4) {
    crc ^= bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24)
    crc = fourth[crc & 0xff]! ^ third[(crc >>> 8) & 0xff]! ^ second[(crc >>> 16) & 0xff]! ^ first[crc >>> 24]!
  }
  for (; index < bytes.length; index += 1) crc = (crc >>> 8) ^ first[(crc ^ bytes[index]!) & 0xff]!
  return ~crc >>> 0
}

/** The form that object resources carry: base64 of the checksum in big-endian order. */
export function encodeCrc32c(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}

function buildTables(polynomial: number): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    return value
  })
  const result = [first]
  for (let table = 1; table < 4; table += 1) {
    const before = result[table - 1]!
    result.push(before.map((value) => (value >>> 8) ^ first[value & 0xff]!))
  }
  return result
}
