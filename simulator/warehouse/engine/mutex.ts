/** Lets one holder in at a time, in order of asking. */
export class Mutex {
  private last: Promise<void> = Promise.resolve()

  /** Resolves to the release function once it is the caller's turn. */
  async acquire(): Promise<() => void> {
    const before = this.last
    let release: () => void = () => undefined
    this.last = new Promise((resolve) => {
      release = resolve
    })
    await before
    return release
  }
}
