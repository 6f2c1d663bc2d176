import { realClock } from './clock-real.ts'
import { virtualClock } from './clock-virtual.ts'
import type { Clock } from './clock.ts'

/**
 * A clock for local runs against real sources. Sleeps take the time that they say, so that a source in an outage gets
 * the rest that a retry promises it. Only polls of the local cloud, which nobody outside sees, end as soon as nothing
 * real is under way.
 */
export function liveClock(startMs: number): Clock {
  const virtual = virtualClock(startMs)
  const wall = realClock()
  return {
    now: () => virtual.now(),
    sleep: (milliseconds, signal) => virtual.track(wall.sleep(milliseconds, signal)),
    poll: (milliseconds, signal) => virtual.sleep(milliseconds, signal),
    track: (work) => virtual.track(work),
    hold: () => virtual.hold?.() ?? (() => undefined),
  }
}
