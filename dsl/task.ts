import type { Condition } from './condition.ts'
import type { StepContract } from './contract.ts'
import type { Hook } from './hook.ts'
import type { InputValue } from './input.ts'
import type { Location } from './location.ts'
import type { Mapping } from './mapping.ts'
import type { Model } from './model.ts'
import type { z } from 'zod'
import type { TriggerRule } from './trigger-rule.ts'

/** Retry options with everything filled in. */
export interface RetryPolicy {
  readonly retries: number
  readonly delaySeconds: number
  readonly backoff: number
  readonly maxDelaySeconds: number
}

interface BaseTask {
  readonly id: string
  /** Dotted path of the enclosing groups, outermost first. */
  readonly group: string | null
  readonly after: readonly AfterNode[]
  readonly triggerRule: TriggerRule
  /** Makes ready what other tasks need: everything below it, up to its teardowns, needs it to succeed. */
  readonly setup: boolean
  /** Cleans up behind setups, however the tasks between ended; null for other tasks. */
  readonly teardown: Teardown | null
  readonly retry: RetryPolicy
  /** Of one try; of all the waiting for sensors and approvals. */
  readonly timeoutSeconds: number
  /** Name of the pool whose slots it takes while it runs. */
  readonly pool: PoolUse | null
  readonly onSuccess: readonly Hook[]
  readonly onFailure: readonly Hook[]
  /** Tables that the task fills, other than the one it builds. */
  readonly writes: readonly Model[]
  readonly at: Location | null
}

export interface Teardown {
  /** Ids of the setups that it cleans up behind. */
  readonly setups: readonly string[]
  /** Whether its failure fails the run. */
  readonly failsRun: boolean
}

export interface PoolUse {
  readonly name: string
  readonly slots: number
}

/** Runs a step's container. */
export interface StepTask extends BaseTask {
  readonly kind: 'step'
  readonly contract: StepContract
  /** All inputs; of a mapped task those that every instance gets. */
  readonly input: InputValue
  readonly mapping: Mapping | null
}

/** Builds a table with its model's SQL. */
export interface ModelTask extends BaseTask {
  readonly kind: 'model'
  readonly model: Model
}

/** A request that the workflow itself makes. */
export interface HttpRequest {
  /** A Cloud Run service of the run's project and region, or an address. */
  readonly target:
    | { readonly kind: 'service'; readonly service: string; readonly path: InputValue }
    | { readonly kind: 'url'; readonly url: InputValue }
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly query: InputValue | null
  readonly headers: InputValue | null
  readonly body: InputValue | null
  readonly auth: 'oidc' | 'oauth2' | null
}

/** Calls an HTTP service; its output is `{status, body}`, the body cut down to what the schema names. */
export interface HttpTask extends BaseTask {
  readonly kind: 'http'
  readonly request: HttpRequest
  readonly output: z.ZodObject
  readonly idempotency: 'idempotent' | 'non_idempotent'
}

export type SensorCondition =
  /** An object of the run's bucket, or of another one. */
  | { readonly kind: 'object'; readonly bucket: InputValue | null; readonly object: InputValue }
  /** A partition that holds rows; `partition` is its day, `YYYY-MM-DD`. */
  | {
      readonly kind: 'partition'
      readonly dataset: string
      readonly table: string
      readonly partition: InputValue
    }
  /** A request that succeeds, with an answer that passes the test if there is one. */
  | { readonly kind: 'http'; readonly request: HttpRequest; readonly until: Condition | null }

/** Waits until something is there. */
export interface SensorTask extends BaseTask {
  readonly kind: 'sensor'
  readonly condition: SensorCondition
  readonly pokeSeconds: number
  /** Ends skipped instead of failed when the time is over. */
  readonly softFail: boolean
}

/** Waits for a person's decision; its output is `{approved, by, note}`. */
export interface ApprovalTask extends BaseTask {
  readonly kind: 'approval'
  /** What is to be decided, as the person reads it. */
  readonly message: string
  readonly onReject: 'skip' | 'fail'
  readonly onTimeout: 'skip' | 'fail'
}

/** Starts a run of another DAG; its output is `{run_id, execution, state}`, the state null where it does not wait. */
export interface TriggerTask extends BaseTask {
  readonly kind: 'trigger'
  readonly dag: string
  readonly params: InputValue
  /** RFC 3339; null for this run's own. */
  readonly logicalDate: InputValue | null
  readonly wait: boolean
}

/** Which cases are chosen: those that a value names, or those whose conditions hold. */
export type Choice =
  | {
      readonly kind: 'value'
      readonly on: InputValue
      /** Whether `on` is, or may be, a list of names. */
      readonly several: boolean
      readonly cases: readonly string[]
    }
  | {
      readonly kind: 'conditions'
      readonly cases: readonly { readonly name: string; readonly condition: Condition }[]
    }

/** Chooses among the tasks that come after its cases; its output is `{chosen}`, the names of the cases. */
export interface BranchTask extends BaseTask {
  readonly kind: 'branch'
  readonly choice: Choice
  /** The case that is taken where none is chosen otherwise, one of `choice` or a name of its own; null takes none then. */
  readonly otherwise: string | null
}

/** Skips what comes after it unless a condition holds. */
export interface ShortCircuitTask extends BaseTask {
  readonly kind: 'short_circuit'
  readonly condition: Condition
  /** `all`: everything below is skipped, whatever its rule. `direct`: the tasks right below; rules decide further down. */
  readonly skips: 'all' | 'direct'
}

/** Does nothing: a point that others come after. */
export interface EmptyTask extends BaseTask {
  readonly kind: 'empty'
}

export type TaskDefinition =
  | StepTask
  | ModelTask
  | HttpTask
  | SensorTask
  | ApprovalTask
  | TriggerTask
  | BranchTask
  | ShortCircuitTask
  | EmptyTask

/** What a task comes after: a task, the last tasks of a group, or a case of a branch. */
export type AfterNode =
  | { readonly kind: 'task' | 'group'; readonly id: string }
  | { readonly kind: 'case'; readonly id: string; readonly name: string }

/** Paths of a group and of the groups around it, outermost first. */
export function pathsAround(group: string | null): readonly string[] {
  const names = group?.split('.') ?? []
  return names.map((_, index) => names.slice(0, index + 1).join('.'))
}

export interface GroupDefinition {
  /** Dotted path, e.g. `marts.genres`. */
  readonly path: string
  /** Repeats all tasks in it over a list; null for an ordinary group. */
  readonly mapping: Mapping | null
  /** What its first tasks come after. */
  readonly after: readonly AfterNode[]
  readonly at: Location | null
}
