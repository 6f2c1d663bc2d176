import type { KnownState } from '../artifact/known.ts'
import type { ManifestTask } from '../artifact/manifest.ts'
import type { LedgerEntry } from './ledger.ts'

export type RerunTask = Pick<ManifestTask, 'id' | 'upstream' | 'mapped' | 'teardownOf'>

export interface RerunOptions {
  readonly tasks: readonly RerunTask[]
  /** Entries that count: ./last-execution.ts. */
  readonly ledger: readonly LedgerEntry[]
  /** States in the last execution; what the ledger alone does not tell of mapped tasks. */
  readonly states: ReadonlyMap<string, string>
  /** Tasks to run again whatever came of them, with everything below them. */
  readonly from: readonly string[]
}

export interface RerunPlan {
  /** For the run argument, instance by instance. */
  readonly known: Readonly<Record<string, KnownState>>
  /** Ids of the tasks that run again, mapped ones perhaps only in part. */
  readonly again: readonly string[]
  /** Entries that the execution leaves as they are; what else the ledger holds is of no use any more. */
  readonly kept: readonly LedgerEntry[]
}

/**
 * What a rerun leaves as it is. What finished stays, except below what runs again: there everything that did not
 * succeed runs again too, since its reason may be gone. A setup runs again where something that needs it does and its
 * teardown has cleaned up already. Of mapped tasks only the unfinished instances run.
 */
export function planRerun({ tasks, ledger, states, from }: RerunOptions): RerunPlan {
  const inLedger = new Set(ledger.map(({ task }) => task))
  const skipped = new Set(ledger.filter(({ state }) => state === 'skipped').map(({ task }) => task))
  const isFinished = (task: RerunTask) =>
    inLedger.has(task.id) && (task.mapped !== true || isSettled(states.get(task.id)))

  // Tasks whose entries count no more. Those that never finished run in any case.
  const anew = new Set([...from, ...below(from, tasks)])
  const unfinished = tasks.filter((task) => !isFinished(task)).map(({ id }) => id)
  for (let before = -1; before < anew.size;) {
    before = anew.size
    const again = [...unfinished, ...anew]
    for (const id of below(again, tasks)) if (skipped.has(id)) anew.add(id)
    for (const task of tasks) {
      const setups = task.teardownOf ?? []
      const hasCleanedUp = isFinished(task) || states.get(task.id) === 'failed'
      const needs = above([task.id], tasks)
      const isNeeded = again.some((id) => needs.has(id) && below(setups, tasks).has(id))
      if (hasCleanedUp && isNeeded) for (const id of [task.id, ...setups]) anew.add(id)
    }
  }
  const kept = ledger.filter(({ task }) => !anew.has(task))
  return {
    known: knownEntries(kept),
    kept,
    again: tasks.map(({ id }) => id).filter((id) => anew.has(id) || unfinished.includes(id)),
  }
}

/** What cleaning up after a cancelled run leaves out: everything but the teardowns that have not run. */
export function planTeardown({
  tasks,
  ledger,
  states,
}: Omit<RerunOptions, 'from'>): Readonly<Record<string, KnownState>> {
  const inLedger = new Set(ledger.map(({ task }) => task))
  // Nobody knows how many instances a mapped task would have had: it stands for itself.
  const cancelled = tasks
    .filter(({ teardownOf }) => teardownOf === undefined)
    .filter(({ id, mapped }) => (mapped === true ? !isSettled(states.get(id)) : !inLedger.has(id)))
    .map(({ id, mapped }) => [mapped === true ? id : `${id}/0`, 'cancelled'] as const)
  return { ...knownEntries(ledger), ...Object.fromEntries(cancelled) }
}

function knownEntries(ledger: readonly LedgerEntry[]): Readonly<Record<string, KnownState>> {
  return Object.fromEntries(ledger.map(({ task, index, state }) => [`${task}/${index}`, state] as const))
}

function isSettled(state: string | undefined): boolean {
  return state === 'success' || state === 'skipped'
}

/** Everything below some tasks, without them unless they are below each other. */
function below(ids: readonly string[], tasks: readonly RerunTask[]): ReadonlySet<string> {
  return reach(ids, (id) => tasks.filter(({ upstream }) => upstream.includes(id)).map((task) => task.id))
}

function above(ids: readonly string[], tasks: readonly RerunTask[]): ReadonlySet<string> {
  return reach(ids, (id) => tasks.find((task) => task.id === id)?.upstream ?? [])
}

function reach(ids: readonly string[], next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const pending = [...ids]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const other of next(id)) {
      if (found.has(other)) continue
      found.add(other)
      pending.push(other)
    }
  }
  return found
}
