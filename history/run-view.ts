import type { ManifestTask } from '../artifact/manifest.ts'
/** A run as people read it: tasks, not workflow steps. The same for a local run and a real execution. */
export interface RunView {
  readonly dag: string
  readonly description: string
  readonly runId: string
  readonly trigger: string
  /** Why the run was executed once more; null for its first execution. */
  readonly mode: RunMode | null
  readonly state: RunState
  /** RFC 3339, in the DAG's time zone; null for a workflow that was started without a run argument. */
  readonly logicalDate: string | null
  readonly intervalStart: string | null
  readonly intervalEnd: string | null
  readonly params: Readonly<Record<string, unknown>>
  /** Milliseconds since the epoch. */
  readonly start: number | null
  readonly end: number | null
  readonly tasks: readonly TaskView[]
  /** Workflow steps in the history. Polls of connectors are billed too, and are not in it. */
  readonly billedSteps: number
  /** Full name of the execution. */
  readonly execution: string
  readonly revision: string | null
  /** What ended a failed run. */
  readonly error: TaskError | null
  /** Where the DAG was declared, `file:line`. */
  readonly at: string | null
}

/** `teardown`: an execution that only cleans up behind a cancelled run. */
export type RunMode = 'rerun' | 'teardown'
export type RunState = 'queued' | 'running' | 'success' | 'failed' | 'cancelled'
export type TaskState =
  'success' | 'failed' | 'skipped' | 'upstream_failed' | 'cancelled' | 'running' | 'none'

export interface TaskView {
  readonly id: string
  readonly kind: ManifestTask['kind']
  readonly group: string | null
  readonly upstream: readonly string[]
  /** The step's name or the model's table. */
  readonly runs: string
  readonly writes: readonly string[]
  readonly state: TaskState
  readonly tries: readonly TryView[]
  readonly start: number | null
  readonly end: number | null
  readonly durationMs: number | null
  /** Undefined where the history does not tell. */
  readonly input: unknown
  readonly output: unknown
  /** Why it was skipped. */
  readonly reason: string | null
  readonly error: TaskError | null
  /** Where the task was declared, `file:line`. */
  readonly at: string | null
  /** An earlier execution of the run has finished it; this one took over its result. */
  readonly restored: boolean
  /** Cases that a branch chose, or whether a short circuit let pass; null for other tasks and until it has decided. */
  readonly decision: string | null
  /** Times that a sensor has looked; null for other tasks. */
  readonly pokes: number | null
  /** What a person has to do for it to go on. */
  readonly waiting: Waiting | null
  /** Of a mapped task: what became of its instances. */
  readonly instances: InstancesView | null
}

export interface Waiting {
  /** What is to be decided. */
  readonly message: string | null
  /** The command that answers. */
  readonly command: string
}

export interface InstancesView {
  /** Those that the history tells of. */
  readonly total: number
  readonly counts: Readonly<Partial<Record<TaskState, number>>>
  /** Failed ones first, then by index. */
  readonly items: readonly InstanceView[]
}

/** One instance of a mapped task. */
export interface InstanceView {
  readonly index: number
  readonly state: TaskState
  readonly tries: readonly TryView[]
  readonly start: number | null
  readonly end: number | null
  readonly reason: string | null
  readonly error: TaskError | null
  readonly restored: boolean
}

export interface TryView {
  readonly start: number
  readonly end: number | null
  readonly state: 'success' | 'failed' | 'running'
  readonly error: TaskError | null
}

export interface TaskError {
  readonly code: string | null
  readonly message: string
}
