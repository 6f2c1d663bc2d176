import type { Clock } from '../clock.ts'
import type { Random } from './random.ts'
import type { Resumption, Thread } from './thread.ts'
import type { RuntimeValue } from './value.ts'

/** Milliseconds of computing after which the event loop gets a turn, so that cancelling works. */
const SLICE = 10

/**
 * Runs the threads of one execution. Which ready thread continues is a seeded choice, so the same seed and the
 * same answers from outside give the same history.
 */
export class Scheduler {
  readonly #random: Random
  readonly #clock: Clock
  /** Called with the thread that goes on now. */
  readonly #chosen: (thread: Thread) => void
  /** Called when nothing is ready and nothing is awaited. */
  readonly #stuck: () => void
  readonly #ready: { thread: Thread; resumption: Resumption }[] = []
  #awaited = 0
  #ticks = 0
  #sliceEnd = 0
  #scheduled = false
  #running = false
  #stopped = false
  #release: (() => void) | null = null

  constructor(random: Random, clock: Clock, chosen: (thread: Thread) => void, stuck: () => void) {
    this.#random = random
    this.#clock = clock
    this.#chosen = chosen
    this.#stuck = stuck
  }

  /** Another thread could run now. */
  get contended(): boolean {
    return this.#ready.length > 0
  }

  /** A thread that may go on should ask this between two steps and yield `ready` if so. */
  mustYield(): boolean {
    if (this.#ready.length > 0) return true
    this.#ticks = (this.#ticks + 1) & 1023
    return this.#ticks === 0 && performance.now() > this.#sliceEnd
  }

  wake(thread: Thread, resumption: Resumption): void {
    if (this.#stopped) return
    this.#ready.push({ thread, resumption })
    if (this.#running || this.#scheduled) return
    this.#scheduled = true
    this.#release = this.#clock.hold?.() ?? null
    queueMicrotask(() => this.#run())
  }

  /** No thread runs any more. */
  stop(): void {
    this.#stopped = true
    this.#ready.length = 0
    this.#idle()
  }

  #run(): void {
    this.#scheduled = false
    this.#running = true
    this.#sliceEnd = performance.now() + SLICE
    for (let turns = 1; this.#ready.length > 0; turns += 1) {
      this.#resume(this.#choose())
      if ((turns & 63) === 0 || this.#ready.length === 1) {
        if (performance.now() > this.#sliceEnd) break
      }
    }
    this.#running = false
    if (this.#stopped) return
    if (this.#ready.length > 0) {
      this.#scheduled = true
      setImmediate(() => this.#run())
      return
    }
    this.#idle()
    if (this.#awaited === 0) this.#stuck()
  }

  #idle(): void {
    this.#release?.()
    this.#release = null
  }

  #choose(): { thread: Thread; resumption: Resumption } {
    const ready = this.#ready
    const index = ready.length === 1 ? 0 : this.#random.below(ready.length)
    const chosen = ready[index]!
    const last = ready.pop()!
    if (last !== chosen) ready[index] = last
    return chosen
  }

  #resume({ thread, resumption }: { thread: Thread; resumption: Resumption }): void {
    this.#chosen(thread)
    let result: ReturnType<Thread['task']['next']>
    try {
      result =
        'error' in resumption ? thread.task.throw(resumption.error) : thread.task.next(resumption.value)
    } catch (error) {
      thread.ended(error)
      return
    }
    if (result.done === true) thread.ended(undefined)
    else if (result.value === 'ready') this.wake(thread, PROCEED)
    else if (result.value !== 'parked') this.#await(thread, result.value)
  }

  #await(thread: Thread, promise: Promise<RuntimeValue>): void {
    this.#awaited += 1
    promise.then(
      (value) => {
        this.#awaited -= 1
        this.wake(thread, { value })
      },
      (error: unknown) => {
        this.#awaited -= 1
        this.wake(thread, { error })
      },
    )
  }
}

const PROCEED: Resumption = { value: null }
