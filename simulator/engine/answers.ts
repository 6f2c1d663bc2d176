/** Steps that other threads may run while an answer is on its way: about what a request to the service takes. */
const PATIENCE = 100

/**
 * Answers of requests that take no virtual time, though the disk behind them takes some. If each came in as soon as it
 * is there, the order of branches would be the disk's. So they are handed out together, in the order in which they
 * were asked for, once nobody else can run or 100 steps have passed; whoever is faster waits until then.
 */
export class Answers {
  readonly #changed: () => void
  #underWay = 0
  #asked = 0
  #steps = 0
  #ended = false
  #settled: { readonly order: number; readonly handOut: () => void }[] = []

  /** `changed` is called whenever a request was answered. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Some answer was asked for and not handed out yet. */
  get expected(): boolean {
    return this.#underWay > 0 || this.#settled.length > 0
  }

  /** All that was asked for is answered. */
  get complete(): boolean {
    return this.#underWay === 0
  }

  /** Nobody may run on before the answers are handed out. */
  get overdue(): boolean {
    return this.expected && this.#steps >= PATIENCE
  }

  countStep(): void {
    if (this.#underWay > 0 || this.#settled.length > 0) this.#steps += 1
  }

  /** The answer to a request, in its turn. */
  inTurn<T>(work: Promise<T>): Promise<T> {
    this.#asked += 1
    this.#underWay += 1
    const order = this.#asked
    return new Promise((resolve, reject) => {
      const settle = (handOut: () => void) => {
        this.#underWay -= 1
        if (this.#ended) return handOut()
        this.#settled.push({ order, handOut })
        this.#changed()
      }
      work.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      )
    })
  }

  handOut(): void {
    const settled = this.#settled.toSorted((a, b) => a.order - b.order)
    this.#settled = []
    this.#steps = 0
    for (const { handOut } of settled) handOut()
  }

  /** Nobody runs any more: what still comes in is for whoever cleans up. */
  end(): void {
    this.#ended = true
    this.handOut()
  }
}
