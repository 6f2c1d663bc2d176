import { setTimeout } from 'node:timers/promises'

/** Time as a step sees it; tests inject their own. */
export interface StepClock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: StepClock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    signal?.throwIfAborted()
    try {
      await setTimeout(milliseconds, undefined, signal ? { signal } : undefined)
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}
