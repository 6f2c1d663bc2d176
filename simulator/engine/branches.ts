import { BranchFailures } from './branch-failures.ts'
import { asRaised, systemError } from './errors.ts'
import { LIMITS } from './limits.ts'
import type { Frame } from './frame.ts'
import type { Cursor } from './recorder.ts'
import type { Signal } from './signal.ts'
import type { Task } from './task.ts'
import type { Thread } from './thread.ts'

/** The branches or iterations of one parallel step. */
export interface Branches {
  readonly count: number
  /** At most so many of them at once. */
  readonly limit: number
  /** How a failed one is called. */
  idOf(index: number): string
  /** What one does, on a thread of its own. */
  run(index: number, thread: Thread, inside: Cursor): Task<Signal | undefined>
}

/**
 * Runs all branches and waits for them. None stops because another failed (`continueAll`, the only policy);
 * when all have ended, one UnhandledBranchError tells of those that failed.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps
 */
export function* runBranches(frame: Frame, branches: Branches, inside: Cursor): Task<void> {
  const { thread } = frame
  const { execution } = thread
  const { slots, scheduler } = execution
  const failures = new BranchFailures()
  const limit = Math.min(branches.limit, LIMITS.concurrentBranches)
  let begun = 0
  let asking = 0
  let running = 0
  let ended = 0

  const ask = () => {
    while (asking + running < limit && begun + asking < branches.count) {
      asking += 1
      slots.acquire(start)
    }
  }
  const start = () => {
    asking -= 1
    running += 1
    const index = begun
    begun += 1
    const child = execution.spawn(
      thread,
      (self) => branches.run(index, self, { parent: inside.parent, previous: null }),
      (error, signal) => finish(index, child, error ?? misplaced(signal)),
    )
    return true
  }
  const misplaced = (signal: Signal | undefined) => {
    const leaves = signal?.kind === 'return' || signal?.kind === 'break'
    if (!leaves || execution.readings.branchExit === 'ends-branch') return undefined
    return systemError(`${signal.kind} is not possible in a parallel branch or iteration`)
  }
  const finish = (index: number, child: Thread, error: unknown) => {
    execution.retire(child)
    running -= 1
    ended += 1
    if (error !== undefined) {
      const raised = asRaised(error)
      if (raised.fatal || !execution.countUnhandled()) return execution.crash(child, raised)
      failures.add(index, branches.idOf(index), raised)
    }
    slots.release()
    if (ended < branches.count) ask()
    else if (thread.parent === null) proceed()
    else slots.resume(proceed)
  }
  const proceed = () => {
    thread.joining = false
    scheduler.wake(thread, { value: null })
  }

  if (branches.count === 0) return
  thread.joining = true
  if (thread.parent !== null) slots.suspend()
  ask()
  yield 'parked'
  if (failures.some) throw failures.error()
}
