/** FarmHash Fingerprint64 (farmhashna::Hash64), as FARM_FINGERPRINT uses it. */

const MASK = (1n << 64n) - 1n
const k0 = 0xc3a5c85c97cb3127n
const k1 = 0xb492b66fbe98f273n
const k2 = 0x9ae16a3b2f90404fn

const u = (value: bigint): bigint => value & MASK
const rotate = (value: bigint, bits: bigint): bigint =>
  bits === 0n ? value : u((value >> bits) | (value << (64n - bits)))
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n)

function hash16(low: bigint, high: bigint, mul: bigint): bigint {
  let a = u((low ^ high) * mul)
  a ^= a >> 47n
  let b = u((high ^ a) * mul)
  b ^= b >> 47n
  return u(b * mul)
}

/** The signed 64-bit fingerprint. */
export function farmFingerprint(bytes: Uint8Array): bigint {
  return BigInt.asIntN(64, hash64(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)))
}

function hash64(s: Buffer): bigint {
  if (s.length <= 16) return short(s)
  if (s.length <= 32) return upTo32(s)
  return s.length <= 64 ? upTo64(s) : long(s)
}

const at64 = (s: Buffer, i: number): bigint => s.readBigUInt64LE(i)

function short(s: Buffer): bigint {
  const length = s.length
  const size = BigInt(length)
  if (length >= 8) {
    const mul = u(k2 + size * 2n)
    const a = u(at64(s, 0) + k2)
    const b = at64(s, length - 8)
    const c = u(rotate(b, 37n) * mul + a)
    const d = u((rotate(a, 25n) + b) * mul)
    return hash16(c, d, mul)
  }
  if (length >= 4) {
    const mul = u(k2 + size * 2n)
    const a = BigInt(s.readUInt32LE(0))
    return hash16(u(size + (a << 3n)), BigInt(s.readUInt32LE(length - 4)), mul)
  }
  if (length === 0) return k2
  const y = BigInt(s[0]! + (s[length >> 1]! << 8))
  const z = BigInt(length + (s[length - 1]! << 2))
  return u(shiftMix(u(y * k2) ^ u(z * k0)) * k2)
}

function upTo32(s: Buffer): bigint {
  const { length } = s
  const mul = u(k2 + BigInt(length) * 2n)
  const a = u(at64(s, 0) * k1)
  const b = at64(s, 8)
  const c = u(at64(s, length - 8) * mul)
  const d = u(at64(s, length - 16) * k2)
  return hash16(u(rotate(u(a + b), 43n) + rotate(c, 30n) + d), u(a + rotate(u(b + k2), 18n) + c), mul)
}

function upTo64(s: Buffer): bigint {
  const { length } = s
  const mul = u(k2 + BigInt(length) * 2n)
  const a = u(at64(s, 0) * k2)
  const b = at64(s, 8)
  const c = u(at64(s, length - 8) * mul)
  const d = u(at64(s, length - 16) * k2)
  const y = u(rotate(u(a + b), 43n) + rotate(c, 30n) + d)
  const z = hash16(y, u(a + rotate(u(b + k2), 18n) + c), mul)
  const e = u(at64(s, 16) * mul)
  const f = at64(s, 24)
  const g = u((y + at64(s, length - 32)) * mul)
  const h = u((z + at64(s, length - 24)) * mul)
  return hash16(u(rotate(u(e + f), 43n) + rotate(g, 30n) + h), u(e + rotate(u(f + a), 18n) + g), mul)
}

function weak32(s: Buffer, i: number, seedA: bigint, seedB: bigint): [bigint, bigint] {
  const [w, x, y, z] = [at64(s, i), at64(s, i + 8), at64(s, i + 16), at64(s, i + 24)]
  let a = u(seedA + w)
  let b = rotate(u(seedB + a + z), 21n)
  const c = a
  a = u(a + x + y)
  b = u(b + rotate(a, 44n))
  return [u(a + z), u(b + c)]
}

function long(s: Buffer): bigint {
  const seed = 81n
  let x = seed
  let y = u(seed * k1 + 113n)
  let z = u(shiftMix(u(y * k2 + 113n)) * k2)
  let v: [bigint, bigint] = [0n, 0n]
  let w: [bigint, bigint] = [0n, 0n]
  x = u(x * k2 + at64(s, 0))
  const end = ((s.length - 1) >> 6) * 64
  const last = s.length - 64
  for (let i = 0; i < end; i += 64) {
    x = u(rotate(u(x + y + v[0] + at64(s, i + 8)), 37n) * k1)
    y = u(rotate(u(y + v[1] + at64(s, i + 48)), 42n) * k1)
    x ^= w[1]
    y = u(y + v[0] + at64(s, i + 40))
    z = u(rotate(u(z + w[0]), 33n) * k1)
    v = weak32(s, i, u(v[1] * k1), u(x + w[0]))
    w = weak32(s, i + 32, u(z + w[1]), u(y + at64(s, i + 16)))
    ;[z, x] = [x, z]
  }
  const mul = u(k1 + ((z & 0xffn) << 1n))
  w[0] = u(w[0] + BigInt((s.length - 1) & 63))
  v[0] = u(v[0] + w[0])
  w[0] = u(w[0] + v[0])
  x = u(rotate(u(x + y + v[0] + at64(s, last + 8)), 37n) * mul)
  y = u(rotate(u(y + v[1] + at64(s, last + 48)), 42n) * mul)
  x ^= u(w[1] * 9n)
  y = u(y + v[0] * 9n + at64(s, last + 40))
  z = u(rotate(u(z + w[0]), 33n) * mul)
  v = weak32(s, last, u(v[1] * mul), u(x + w[0]))
  w = weak32(s, last + 32, u(z + w[1]), u(y + at64(s, last + 16)))
  ;[z, x] = [x, z]
  return hash16(u(hash16(v[0], w[0], mul) + u(shiftMix(y) * k0) + z), u(hash16(v[1], w[1], mul) + x), mul)
}
