import type { StepClock } from './clock.ts'

const MINUTE = 60_000

/** Keeps a client within a server's budget: at most so many starts in any 60 s, and none while it is told to wait. */
export interface RateLimiter {
  /** Resolves when a request may start, in the order of the calls; rejects when the signal is aborted. */
  acquire(signal?: AbortSignal): Promise<void>
  /** No request starts before this time (milliseconds since the epoch). */
  pauseUntil(time: number): void
}

/**
 * A sliding window instead of even spacing: a handful of requests is not slowed down, and no 60 s ever hold more
 * than the budget.
 */
export function createRateLimiter(options: { perMinute: number; clock: StepClock }): RateLimiter {
  const { perMinute, clock } = options
  if (!Number.isInteger(perMinute) || perMinute < 1) {
    throw new RangeError(`a rate is a whole number of requests a minute, not ${perMinute}`)
  }
  const starts: number[] = []
  let paused = 0
  let queue: Promise<void> = Promise.resolve()

  function nextStart(): number {
    const oldest = starts.length < perMinute ? undefined : starts[0]
    return Math.max(paused, oldest === undefined ? 0 : oldest + MINUTE)
  }

  async function start(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      const wait = nextStart() - clock.now()
      if (wait <= 0) break
      await clock.sleep(wait, signal)
    }
    starts.push(clock.now())
    if (starts.length > perMinute) starts.shift()
  }

  return {
    acquire(signal) {
      const turn = queue.then(() => start(signal))
      // Whoever gives up must not hold up those behind.
      queue = turn.catch(() => {})
      return turn
    },
    pauseUntil(time) {
      paused = Math.max(paused, time)
    },
  }
}

/**
 * When a refused client may come back, in milliseconds since the epoch: `Retry-After` (seconds or an HTTP date,
 * RFC 9110 section 10.2.3), else `X-RateLimit-Reset` (Unix seconds), else `fallbackMs` from now.
 */
export function retryTime(headers: Headers, now: number, fallbackMs: number): number {
  const after = headers.get('retry-after')?.trim()
  if (after) {
    if (/^\d+$/.test(after)) return now + Number(after) * 1000
    const date = Date.parse(after)
    if (!Number.isNaN(date)) return Math.max(now, date)
  }
  const reset = headers.get('x-ratelimit-reset')?.trim()
  if (reset && /^\d+$/.test(reset) && Number(reset) * 1000 > now) return Number(reset) * 1000
  return now + fallbackMs
}
