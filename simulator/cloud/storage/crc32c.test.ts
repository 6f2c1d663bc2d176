import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, encodeCrc32c } from './crc32c.ts'

test.each([
  ['', 0],
  ['a', 0xc1d04330],
  // The check value of the polynomial.
  ['123456789', 0xe3069283],
  ['\0'.repeat(32), 0x8a9136aa],
  // RFC 3720, B.4
  [Buffer.alloc(32, 0xff).toString('latin1'), 0x62a8ab43],
])('crc32c of %j', (text, expected) => {
  expect(crc32c(Buffer.from(text, 'latin1'))).toBe(expected)
})

test('the resource carries it big-endian', () => {
  expect(encodeCrc32c(0xe3069283)).toBe('4waSgw==')
})

test('in parts as in one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, at) => {
      expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(crc32c(bytes))
    }),
  )
})
