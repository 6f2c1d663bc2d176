import type { Clock } from '../clock.ts'
import type { Random } from './random.ts'
import type { Resumption, Thread } from './thread.ts'
import type { RuntimeValue } from './value.ts'

/** Milliseconds of computing after which the event loop gets a turn, so that cancelling works. */
const SLICE = 10

/** Whose threads a scheduler runs. */
export interface SchedulerOwner {
  /** This thread goes on now. */
  chosen(thread: Thread): void
  /** No thread is ready and none waits for anything outside. */
  stuck(): void
  /** Something other than the workflow failed, such as a history sink. */
  broken(error: unknown): void
}

/**
 * Runs the threads of one execution. Which ready thread continues is a seeded choice, so the same seed and the
 * same answers from outside give the same history.
 */
export class Scheduler {
  readonly #random: Random
  readonly #clock: Clock
  readonly #owner: SchedulerOwner
  readonly #ready: { thread: Thread; resumption: Resumption }[] = []
  #awaited = 0
  #ticks = 0
  #sliceEnd = 0
  #scheduled = false
  #running = false
  #stopped = false
  #release: (() => void) | null = null

  constructor(random: Random, clock: Clock, owner: SchedulerOwner) {
    this.#random = random
    this.#clock = clock
    this.#owner = owner
  }

  /** Another thread could run now. */
  get contended(): boolean {
    return this.#ready.length > 0
  }

  /** A thread that may go on should ask this between two steps and yield `ready` if so. */
  mustYield(): boolean {
    if (this.#ready.length > 0 || this.#stopped) return true
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
      try {
        this.#resume(this.#choose())
      } catch (error) {
        this.#owner.broken(error)
      }
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
    if (this.#awaited === 0) this.#owner.stuck()
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
    this.#owner.chosen(thread)
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
    Promise.resolve(promise).then(
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
