import type { Clock } from './clock.ts'

interface Timer {
  readonly due: number
  readonly order: number
  readonly fire: () => void
}

const LONGEST_TIMER = 2 ** 31 - 1

/**
 * A clock whose time is `start + what was skipped + the wall time that passed while real work was under way`.
 *
 * | real work under way (`track`) | somebody computes (`hold`) | time                            | timers fire            |
 * | ----------------------------- | -------------------------- | ------------------------------- | ---------------------- |
 * | no                            | no                         | jumps to the earliest timer     | at once, in their order |
 * | no                            | yes                        | stands still                    | not at all             |
 * | yes                           | either                     | follows the wall                | when the wall is there |
 *
 * Timers of the same instant fire together. So sleeps and polls cost nothing, a child process still takes as long as
 * it takes, its deadlines hold whatever else is computed meanwhile, and without real work every run is the same.
 */
export function virtualClock(startMs: number): Clock {
  return new VirtualClock(startMs)
}

class VirtualClock implements Clock {
  /** Time up to the last change of what is under way. */
  #base: number
  #tracked = 0
  #trackedSince = 0
  #held = 0
  #order = 0
  readonly #timers: Timer[] = []
  #wallTimer: NodeJS.Timeout | null = null
  #jumpPending = false

  constructor(startMs: number) {
    this.#base = startMs
  }

  now(): number {
    return Math.floor(this.#time())
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = () => {
        remove(this.#timers, timer)
        reject(signal?.reason)
      }
      const timer: Timer = {
        due: this.#time() + Math.max(0, milliseconds),
        order: this.#order++,
        fire: () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      push(this.#timers, timer)
      this.#arm()
    })
  }

  track<T>(work: Promise<T>): Promise<T> {
    if (this.#tracked++ === 0) {
      this.#trackedSince = performance.now()
      this.#arm()
    }
    const done = () => {
      if (this.#tracked === 1) this.#base = this.#time()
      this.#tracked -= 1
      this.#arm()
    }
    work.then(done, done)
    return work
  }

  hold(): () => void {
    this.#held += 1
    let released = false
    return () => {
      if (released) return
      released = true
      this.#held -= 1
      this.#arm()
    }
  }

  #time(): number {
    return this.#tracked > 0 ? this.#base + (performance.now() - this.#trackedSince) : this.#base
  }

  #arm(): void {
    if (this.#wallTimer !== null) clearTimeout(this.#wallTimer)
    this.#wallTimer = null
    const first = this.#timers[0]
    if (first === undefined) return
    if (this.#tracked > 0) {
      const left = Math.min(Math.max(0, Math.ceil(first.due - this.#time())), LONGEST_TIMER)
      this.#wallTimer = setTimeout(() => this.#fireDue(), left)
    } else if (this.#held === 0 && !this.#jumpPending) {
      // Promise reactions that are still queued may set an earlier timer or begin real work: let them run first.
      this.#jumpPending = true
      setImmediate(() => {
        this.#jumpPending = false
        this.#jump()
      })
    }
  }

  #jump(): void {
    const first = this.#timers[0]
    if (first !== undefined && this.#tracked === 0 && this.#held === 0) {
      this.#base = Math.max(this.#base, first.due)
      this.#fireDue()
    } else {
      this.#arm()
    }
  }

  #fireDue(): void {
    const now = this.#time()
    for (let first = this.#timers[0]; first !== undefined && first.due <= now; first = this.#timers[0]) {
      pop(this.#timers)
      first.fire()
    }
    this.#arm()
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}

/** `heap` is a binary heap with the earliest timer first. */
function push(heap: Timer[], timer: Timer): void {
  heap.push(timer)
  rise(heap, timer, heap.length - 1)
}

function pop(heap: Timer[]): void {
  const last = heap.pop()!
  if (heap.length > 0) sink(heap, last, 0)
}

function remove(heap: Timer[], timer: Timer): void {
  const at = heap.indexOf(timer)
  if (at === -1) return
  const last = heap.pop()!
  if (last === timer) return
  sink(heap, last, at)
  if (heap[at] === last) rise(heap, last, at)
}

/** Puts `timer` in the free place `from` or nearer to the front. */
function rise(heap: Timer[], timer: Timer, from: number): void {
  let at = from
  while (at > 0) {
    const up = (at - 1) >> 1
    const parent = heap[up]!
    if (!before(timer, parent)) break
    heap[at] = parent
    at = up
  }
  heap[at] = timer
}

/** Puts `timer` in the free place `from` or farther from the front. */
function sink(heap: Timer[], timer: Timer, from: number): void {
  let at = from
  for (;;) {
    let down = 2 * at + 1
    if (down >= heap.length) break
    if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down += 1
    if (!before(heap[down]!, timer)) break
    heap[at] = heap[down]!
    at = down
  }
  heap[at] = timer
}
