/** Airflow's names of trigger rules; the last one is that of teardowns and is never declared. */
export type RuleName =
  | 'all_success'
  | 'all_failed'
  | 'all_done'
  | 'all_done_min_one_success'
  | 'all_skipped'
  | 'one_success'
  | 'one_failed'
  | 'one_done'
  | 'none_failed'
  | 'none_failed_min_one_success'
  | 'none_skipped'
  | 'always'
  | 'all_done_setup_success'

/** How one try ends. `fail` and `timeout` may be retried, `give_up` may not. */
export type TryEnd = 'success' | 'fail' | 'timeout' | 'give_up' | 'skip'

/** One try of a task: how it ends and how long it takes. */
export interface Try {
  readonly ends: TryEnd
  readonly seconds: number
}

/** Something that is repeated over a list: written in the DAG, or the output of a task above. */
export interface Repetition {
  /**
   * The task whose output is the list, or whose instances' outputs are, so that it is as long as there are instances; null
   * for a list in the DAG.
   */
  readonly over: string | null
  readonly length: number
  readonly maxConcurrent: number | null
  /** Instances that may fail, of a group indexes, without the whole counting as failed. @default 0 */
  readonly tolerated?: number
  /** A second list, written in the DAG. @default there is none */
  readonly second?: {
    readonly length: number
    /** Every item with every one; item by item up to the shorter list, or to the longer one, filled up. */
    readonly by: 'product' | 'zip' | 'longest'
  }
  /** The same as the DAG writes it, where it writes a share of all. */
  readonly toleratedPercent?: number
}

interface Common {
  readonly id: string
  /**
   * What the task comes after: `a` a task, `a:left` the case `left` of branch `a`, `@g` a group, `@g` standing for the
   * last tasks in it. Only tasks that stand before this one.
   */
  readonly upstream: readonly string[]
  readonly rule: RuleName
  /** The group it stands in, `outer` or `outer.inner`; null for none. */
  readonly group: string | null
}

/** Runs for some time and ends as its script says. */
export interface WorkTask extends Common {
  readonly kind: 'work'
  readonly retries: number
  /** By map index the tries in order, the last one repeated; what is missing succeeds in ten seconds. */
  readonly script: readonly (readonly Try[])[]
  readonly map: Repetition | null
  readonly setup: boolean
  /** The setups that it cleans up behind; empty for what is no teardown. */
  readonly teardownOf: readonly string[]
  /** Of a teardown: whether its failure counts for the run. */
  readonly failsRun: boolean
  /** What may have had an effect is not tried again. @default false */
  readonly isOnce?: boolean
  /** Slots of the DAG's pool that a try takes. @default none */
  readonly slots?: number
}

export interface BranchTask extends Common {
  readonly kind: 'branch'
  readonly cases: readonly string[]
  /** By map index the cases that are chosen, none of them included. */
  readonly chosen: readonly (readonly string[])[]
}

export interface ShortCircuitTask extends Common {
  readonly kind: 'short_circuit'
  /** `all` ignores the rules of whatever is below, `direct` skips what comes right after. */
  readonly skips: 'all' | 'direct'
  /** By map index whether its condition holds. */
  readonly passes: readonly boolean[]
}

interface EmptyTask extends Common {
  readonly kind: 'empty'
}

export type DescribedTask = WorkTask | BranchTask | ShortCircuitTask | EmptyTask

export interface DescribedGroup {
  /** `outer` or `outer.inner`. */
  readonly path: string
  /** Not null: its tasks are repeated together, index by index. */
  readonly map: Repetition | null
}

/** A DAG and everything that will happen in one run of it. */
export interface Description {
  /** In an order in which everything stands after what it comes after. */
  readonly tasks: readonly DescribedTask[]
  readonly groups: readonly DescribedGroup[]
  /** Which tasks decide whether the run failed. */
  readonly failRunOn: 'leaves' | 'any'
  /** Slots of the DAG's pool. @default there is no pool */
  readonly slots?: number
}

export type State = 'success' | 'failed' | 'upstream_failed' | 'skipped'

/** How a task instance ended, and after how many tries; none where it never ran. */
export interface InstanceEnd {
  readonly state: State
  readonly tries: number
  /** The workflow itself lost it, which nothing tolerates. @default false */
  readonly isLost?: boolean
  /** Where it lost what had become of all instances together: that. */
  readonly lostEnds?: readonly InstanceEnd[]
  /** It failed although it would not have run: by an error of the workflow itself. @default false */
  readonly isUnforeseen?: boolean
}

/** How a run ended. */
export interface Outcome {
  readonly run: 'success' | 'failed'
  /** By task; of a mapped one by index. One that was never expanded, or over an empty list, has a single entry. */
  readonly tasks: Readonly<Record<string, readonly InstanceEnd[]>>
}

export const teardownRule = 'all_done_setup_success'

export function isTeardown(task: DescribedTask): task is WorkTask {
  return task.kind === 'work' && task.teardownOf.length > 0
}

export function isSetup(task: DescribedTask): boolean {
  return task.kind === 'work' && task.setup
}

/** The tries that a script gives to one index. */
export function scriptOf(task: WorkTask, index: number): readonly Try[] {
  const tries = task.script[index]
  return tries === undefined || tries.length === 0 ? [{ ends: 'success', seconds: 10 }] : tries
}

/** What a script gives as nth try, from 1. */
export function nthTry(tries: readonly Try[], nth: number): Try {
  return tries[Math.min(nth, tries.length) - 1] ?? { ends: 'success', seconds: 10 }
}
