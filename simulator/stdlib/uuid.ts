import { plain } from './function.ts'

/** Random within an execution, the same for the same seed. https://cloud.google.com/workflows/docs/reference/stdlib/uuid/generate */
export const uuid = {
  'uuid.generate': plain([], (_, { random }) => {
    const bytes = Uint8Array.from({ length: 16 }, () => random.below(256))
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const hex = Buffer.from(bytes).toString('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  }),
}
