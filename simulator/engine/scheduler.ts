import { Answers } from './answers.ts'
import type { Clock } from '../clock.ts'
import type { Random } from './random.ts'
import type { Signal } from './signal.ts'
import type { Task } from './task.ts'
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
  readonly #answers = new Answers(() => this.#answered())
  readonly #ready: { thread: Thread; resumption: Resumption }[] = []
  #awaited = 0
  /** A thread has begun to wait for something outside since the threads last got their turn. */
  #asked = false
  #ticks = 0
  #sliceEnd = 0
  #isOver = false
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
    this.#answers.countStep()
    if (this.#ready.length > 0 || this.#stopped || this.#answers.overdue) return true
    return this.#sliceIsOver()
  }

  /** Reading the time costs as much as a small step, so it is not read at each. */
  #sliceIsOver(): boolean {
    if (this.#isOver) return true
    this.#ticks = (this.#ticks + 1) & 15
    this.#isOver = this.#ticks === 0 && performance.now() > this.#sliceEnd
    return this.#isOver
  }

  /** Lets a thread go on, once everything that happens at this instant has happened. */
  wake(thread: Thread, resumption: Resumption): void {
    if (this.#stopped) return
    this.#ready.push({ thread, resumption })
    if (!this.#running) this.#schedule()
  }

  /** The answer to a request that takes no virtual time; see answers.ts. */
  inTurn<T>(work: Promise<T>): Promise<T> {
    return this.#answers.inTurn(work)
  }

  #answered(): void {
    if (!this.#running && this.#answers.complete) this.#schedule()
  }

  /** No thread runs any more. */
  stop(): void {
    this.#stopped = true
    this.#ready.length = 0
    this.#answers.end()
    this.#idle()
  }

  /**
   * The event loop finishes all promise reactions before an immediate runs. So an answer that needs no real time
   * is always in before any thread goes on, however fast this machine is, and the order stays the seed's choice.
   */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#release ??= this.#clock.hold?.() ?? null
    setImmediate(() => this.#run())
  }

  #run(): void {
    this.#scheduled = false
    if (this.#stopped) return
    if (this.#answers.expected && this.#answers.complete && this.#waitsForAnswers()) {
      this.#answers.handOut()
      // What follows from the answers comes first, then the threads.
      return this.#schedule()
    }
    this.#running = true
    this.#asked = false
    this.#isOver = false
    this.#sliceEnd = performance.now() + SLICE
    while (this.#ready.length > 0 && !this.#asked && !this.#answers.overdue && !this.#sliceIsOver()) {
      try {
        this.#resume(this.#choose())
      } catch (error) {
        this.#owner.broken(error)
      }
    }
    this.#running = false
    if (this.#stopped) return
    if (this.#answers.expected && this.#waitsForAnswers()) {
      if (this.#answers.complete) this.#schedule()
      return
    }
    if (this.#ready.length > 0) return this.#schedule()
    this.#idle()
    if (this.#awaited === 0) this.#owner.stuck()
  }

  /** Nobody can or may run before the answers are handed out. */
  #waitsForAnswers(): boolean {
    return this.#ready.length === 0 || this.#answers.overdue
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
    let result: ReturnType<Task<Signal | undefined>['next']>
    try {
      const task = (thread.task ??= thread.begin(thread))
      result = 'error' in resumption ? task.throw(resumption.error) : task.next(resumption.value)
    } catch (error) {
      thread.ended(error)
      return
    }
    if (result.done === true) thread.ended(undefined, result.value)
    else if (result.value === 'ready') this.wake(thread, PROCEED)
    else if (result.value !== 'parked') this.#await(thread, result.value)
  }

  #await(thread: Thread, promise: Promise<RuntimeValue>): void {
    this.#awaited += 1
    this.#asked = true
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
