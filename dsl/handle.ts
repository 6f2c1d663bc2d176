import type { Ref } from './ref.ts'

declare const node: unique symbol

/** A declared task, as something that other tasks can come after. */
export interface TaskHandle {
  /** Only for the type checker. */
  readonly [node]: 'task'
}

/** A declared group: coming after it means coming after the last tasks in it, teardowns aside. */
export interface GroupHandle<T = unknown> {
  /** Only for the type checker. */
  readonly [node]: 'group'
  /** What the group's callback returned. */
  readonly value: T
}

/** A case of a branch: what comes after it is skipped unless the branch chooses the case. */
export interface CaseHandle {
  /** Only for the type checker. */
  readonly [node]: 'case'
}

export type AfterTarget = TaskHandle | GroupHandle | CaseHandle

/** What a task gives to others: its output as references, and itself as something to come after. */
export type TaskRef<Output> = Ref<Output> & TaskHandle

/** How one instance of a mapped task ended. */
export interface Outcome<Output> {
  /** Position in the mapped list, from 0. */
  readonly index: number
  readonly state: 'success' | 'failed' | 'upstream_failed' | 'skipped'
  /** Null where the instance did not succeed. */
  readonly output: Output | null
  /** Why it failed; null otherwise. */
  readonly error: { readonly code: string; readonly message: string } | null
}

/** A mapped task: all its instances together. */
export interface MapRef<Output> extends TaskHandle {
  /** The outputs by position, null where an instance gave none. */
  readonly outputs: Ref<(Output | null)[]>
  /** How each instance ended, by position. */
  readonly outcomes: Ref<Outcome<Output>[]>
}

/** A branch, with a handle for every case. */
export interface BranchRef<Case extends string> extends TaskHandle {
  /** Names of the chosen cases. */
  readonly chosen: Ref<Case[]>
  /** Goes into `after` of the tasks and groups that run only if the case is chosen. */
  readonly case: (name: Case) => CaseHandle
}
