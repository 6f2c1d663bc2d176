import type { StepContract } from './contract.ts'
import type { Duration } from './duration.ts'
import type { InputValue } from './input.ts'
import type { Location } from './location.ts'
import type { Model } from './model.ts'

declare const node: unique symbol

/** A declared task, as something that other tasks can come after. */
export interface TaskHandle {
  /** Only for the type checker. */
  readonly [node]: 'task'
}

/** A declared group: coming after it means coming after the last tasks in it. */
export interface GroupHandle<T = unknown> {
  /** Only for the type checker. */
  readonly [node]: 'group'
  /** What the group's callback returned. */
  readonly value: T
}

export type AfterTarget = TaskHandle | GroupHandle

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
  /** Longest time of one try. @default the step's own; one hour for models */
  readonly timeout?: Duration
}

/** Order edges: they only add to what inputs and models require. */
interface OrderOptions {
  readonly after?: AfterTarget | readonly AfterTarget[]
}

export interface TaskOptions extends RetryOptions, OrderOptions {
  /** Models without SQL that this step fills; their readers wait for it. @default [] */
  readonly writes?: readonly Model[]
}

export interface BuildOptions extends RetryOptions, OrderOptions {
  /** @default `<layer>_<table>` */
  readonly id?: string
}

export const retryKeys = ['retries', 'retryDelay', 'retryBackoff', 'maxRetryDelay', 'timeout'] as const

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
  readonly retry: RetryPolicy
  readonly timeoutSeconds: number
  /** Tables that the task fills, other than the one it builds. */
  readonly writes: readonly Model[]
  readonly at: Location | null
}

/** Runs a step's container. */
export interface StepTask extends BaseTask {
  readonly kind: 'step'
  readonly contract: StepContract
  readonly input: InputValue
}

/** Builds a table with its model's SQL. */
export interface ModelTask extends BaseTask {
  readonly kind: 'model'
  readonly model: Model
}

export type TaskDefinition = StepTask | ModelTask

export interface AfterNode {
  readonly kind: 'task' | 'group'
  readonly id: string
}

export interface GroupDefinition {
  /** Dotted path, e.g. `marts.genres`. */
  readonly path: string
  readonly at: Location | null
}
