/**
 * Adds the matchers for simulated runs to Vitest's `expect`: `import 'dagwright/testing/vitest'` in a test file, or name
 * it in `setupFiles`.
 */
import { expect } from 'vitest'
import * as matchers from './matchers.ts'
import type { RunExpectation } from './matchers.ts'
import type { SimulatedTask } from './simulated-run.ts'

expect.extend({ ...matchers })

export interface RunMatchers {
  /** The run, or one of its tasks, succeeded. */
  toHaveSucceeded(task?: string): void
  /** The run, or one of its tasks, failed; with this code where one is given. */
  toHaveFailed(task?: string, code?: string): void
  /** A task was skipped; for a reason that contains this text where one is given. */
  toHaveSkipped(task: string, reason?: string): void
  /** Tasks ended in these states; tasks that are not named may end in any. */
  toHaveTaskStates(states: Readonly<Record<string, SimulatedTask['state']>>): void
  /** A task's service was asked: `times` times, and not before the last try of task `after` was over. */
  toHaveRun(task: string, expectation?: RunExpectation): void
}

declare module 'vitest' {
  interface Matchers<T> extends RunMatchers {}
}
