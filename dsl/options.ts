import type { Duration } from './duration.ts'
import type { AfterTarget, TaskHandle } from './handle.ts'
import type { Hook } from './hook.ts'
import type { TriggerRule } from './trigger-rule.ts'

/** How often and when a failed try is repeated, and how long one may take. */
export interface RetryOptions {
  /** Further tries after the first. @default 0 */
  readonly retries?: number
  /** Wait before the first retry. @default '5m' */
  readonly retryDelay?: Duration
  /** Factor by which the wait grows with each retry; 1 keeps it. @default 1 */
  readonly retryBackoff?: number
  /** Longest wait between tries. @default '1d' */
  readonly maxRetryDelay?: Duration
  /**
   * Longest time of one try; of all the waiting for sensors, approvals and triggers.
   * @default the step's own; 1h for models, 5m for requests, 1d for sensors and triggers, 7d for approvals
   */
  readonly timeout?: Duration
}

/** Slots of one of the DAG's `pools`: a name takes one. */
export type PoolOption = string | { readonly name: string; readonly slots: number }

/** Who is told how it ended; one or several. */
export interface HookOptions {
  /** Told when it succeeds. Airflow: `on_success_callback`. @default nobody */
  readonly onSuccess?: Hook | readonly Hook[]
  /** Told when it fails for good: not after a try that is repeated. Airflow: `on_failure_callback`. @default nobody */
  readonly onFailure?: Hook | readonly Hook[]
}

/** Order edges: they only add to what inputs and models require. */
export interface OrderOptions {
  /** Tasks, groups or cases of branches that have to end first. @default none */
  readonly after?: AfterTarget | readonly AfterTarget[]
}

/** What part a task plays for others: a setup, a teardown, or neither. */
export type RoleOptions = OrdinaryRole | SetupRole | TeardownRole

interface OrdinaryRole {
  /** When it runs, by how the tasks right above it ended. @default 'all_success' */
  readonly triggerRule?: TriggerRule
  readonly setup?: false
  readonly teardownOf?: never
  readonly failsRun?: never
}

interface SetupRole {
  readonly triggerRule?: TriggerRule
  /**
   * Makes ready what the tasks below it need: they run only if it succeeded, down to its teardowns.
   * Airflow: `as_setup()`.
   */
  readonly setup: true
  readonly teardownOf?: never
  readonly failsRun?: never
}

interface TeardownRole {
  /** A teardown's rule is fixed: it runs once everything above it has ended, if one of its setups succeeded. */
  readonly triggerRule?: never
  readonly setup?: false
  /** The setups that it cleans up behind; it comes after them. Airflow: `as_teardown(setups=…)`. */
  readonly teardownOf: TaskHandle | readonly TaskHandle[]
  /** Whether its failure fails the run. Airflow: `on_failure_fail_dagrun`. @default false */
  readonly failsRun?: boolean
}

/** Options of tasks that take no time of their own: nothing to repeat, nothing to limit. */
export type NodeOptions = OrderOptions & RoleOptions & HookOptions

/** Options of every task that does work. */
export type WorkOptions = NodeOptions &
  RetryOptions & {
    /** Slots that it takes while it runs, of a pool in the DAG's `pools`. @default that of the DAG's `defaults`, or none */
    readonly pool?: PoolOption
  }

export const retryKeys = ['retries', 'retryDelay', 'retryBackoff', 'maxRetryDelay', 'timeout'] as const
export const nodeKeys = [
  'after',
  'triggerRule',
  'setup',
  'teardownOf',
  'failsRun',
  'onSuccess',
  'onFailure',
] as const
export const workKeys = [...nodeKeys, ...retryKeys, 'pool'] as const

/** https://cloud.google.com/workflows/quotas: an execution ends after a year. */
export const longestWait = { seconds: 365 * 86_400, hint: 'a run ends after 365d' } as const
