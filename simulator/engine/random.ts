/** Seeded source of the engine's choices. */
export interface Random {
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number
}

/** The generator mulberry32: 32 bits of state, good enough to choose an order. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    below: (bound) => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
    },
  }
}

/** A seed from text, by FNV-1a. */
export function seedFromText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
