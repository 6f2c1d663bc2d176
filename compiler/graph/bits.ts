/** A set of small integers as bits, for closures over many tasks. */
export class Bits {
  readonly #words: Uint32Array

  constructor(size: number) {
    this.#words = new Uint32Array((size + 31) >> 5)
  }

  has(bit: number): boolean {
    return ((this.#words[bit >> 5] ?? 0) & (1 << (bit & 31))) !== 0
  }

  add(bit: number): void {
    this.#words[bit >> 5] = (this.#words[bit >> 5] ?? 0) | (1 << (bit & 31))
  }

  addAll(other: Bits): void {
    const words = this.#words
    const added = other.#words
    for (let index = 0; index < added.length; index++)
      words[index] = (words[index] ?? 0) | (added[index] ?? 0)
  }
}
