import type { ManifestTask } from '../artifact/manifest.ts'
import type { LedgerEntry } from './ledger.ts'

/** How the last execution of a run left its tasks. */
export interface LastExecution {
  /** By task id. */
  readonly states: ReadonlyMap<string, string>
  /** Of instances of mapped tasks that the history tells of, by `<task>/<index>`. */
  readonly instances: ReadonlyMap<string, string>
  /**
   * Whether every entry of the ledger is of this execution, or was taken over by it: it was the first of its run, or a
   * rerun, which leaves no others behind.
   */
  readonly ownLedger: boolean
}

/**
 * The entries of the ledger that say how the last execution left a task. One that a whole new execution of the run has
 * not renewed is of an earlier one, and says nothing of this.
 */
export function entriesThatCount(
  ledger: readonly LedgerEntry[],
  tasks: readonly Pick<ManifestTask, 'id' | 'mapped'>[],
  { states, instances, ownLedger }: LastExecution,
): readonly LedgerEntry[] {
  const mapped = new Set(tasks.filter((task) => task.mapped === true).map(({ id }) => id))
  return ledger.filter(({ task, index, state }) => {
    const ended = mapped.has(task) ? instances.get(`${task}/${index}`) : states.get(task)
    if (isEnded(ended)) return ended === state
    // It did not come so far, or the history does not tell of every instance.
    return ownLedger || states.get(task) === 'success'
  })
}

function isEnded(state: string | undefined): boolean {
  return state !== undefined && ['success', 'skipped', 'failed', 'upstream_failed'].includes(state)
}
