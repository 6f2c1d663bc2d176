/** Lets one holder in at a time, in order of asking. */
export class Mutex {
  /** Odd while somebody is in; the same number later means that nobody has been in between. */
  turns = 0
  private last: Promise<void> = Promise.resolve()

  /** Resolves to the release function once it is the caller's turn. */
  async acquire(): Promise<() => void> {
    const before = this.last
    let free: () => void = () => undefined
    this.last = new Promise((resolve) => {
      free = resolve
    })
    await before
    this.turns++
    return () => {
      this.turns++
      free()
    }
  }
}
