import type { Clock } from './clock.ts'

/** Node fires longer timers at once. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_TIMER = 2 ** 31 - 1

/** The clock of the wall. */
export function realClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: async (milliseconds, signal) => {
      const due = performance.now() + milliseconds
      for (let left = milliseconds; left > 0; left = due - performance.now()) {
        await wallSleep(Math.min(left, LONGEST_TIMER), signal)
      }
      signal?.throwIfAborted()
    },
    track: (work) => work,
  }
}

function wallSleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
