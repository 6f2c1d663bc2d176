/**
 * Time as everything in the simulator sees it: sleeps, retries, polls, deadlines, timestamps, expiry.
 * `realClock` follows the wall. `virtualClock` jumps to the next timer whenever nothing real is under way.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves when `milliseconds` of this clock's time have passed, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /**
   * A pause between two looks at something that runs in the local cloud, or a deadline that the local cloud sets. A
   * clock may end it as soon as nothing real is under way. @default sleep
   */
  poll?(milliseconds: number, signal?: AbortSignal): Promise<void>
  /**
   * Marks real work (a child process, a request that leaves the process). While any is under way virtual time
   * follows wall time instead of jumping.
   */
  track<T>(work: Promise<T>): Promise<T>
  /**
   * Keeps virtual time from jumping until the returned function is called: something is still being computed
   * that may set an earlier timer. Time that follows the wall, because real work is under way, goes on all the same.
   * A clock that always follows the wall has no need of it.
   */
  hold?(): () => void
}

/** `Clock.poll`, or `sleep` where the clock makes no difference. */
export function poll(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return clock.poll ? clock.poll(milliseconds, signal) : clock.sleep(milliseconds, signal)
}

export { liveClock } from './clock-live.ts'
export { realClock } from './clock-real.ts'
export { virtualClock } from './clock-virtual.ts'
