import { LIMITS } from './limits.ts'
import type { Readings } from './readings.ts'

/**
 * The 20 places for running branches and iterations of one execution; who finds none waits in order.
 * https://cloud.google.com/workflows/quotas
 */
export class BranchSlots {
  readonly #reading: Readings['nestedSlots']
  #free: number = LIMITS.concurrentBranches
  readonly #waiting: (() => boolean)[] = []

  constructor(reading: Readings['nestedSlots']) {
    this.#reading = reading
  }

  /**
   * Calls `start` as soon as there is a place, at once if there is one now. `start` returns false where it has
   * no use for the place any more.
   */
  acquire(start: () => boolean): void {
    if (this.#reading === 'per-step') {
      start()
    } else if (this.#free > 0) {
      this.#free -= 1
      if (!start()) this.release()
    } else {
      this.#waiting.push(start)
    }
  }

  release(): void {
    if (this.#reading === 'per-step') return
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next()) return
    }
    this.#free += 1
  }

  /** A branch waits for the branches of a parallel step of its own. */
  suspend(): void {
    if (this.#reading === 'released') this.release()
  }

  /** Those are done: `resume` is called when the branch has a place again. */
  resume(resume: () => void): void {
    if (this.#reading !== 'released') return resume()
    this.acquire(() => {
      resume()
      return true
    })
  }
}
