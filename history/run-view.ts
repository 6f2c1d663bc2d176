import type { ManifestTask } from '../artifact/manifest.ts'
/** A run as people read it: tasks, not workflow steps. The same for a local run and a real execution. */
export interface RunView {
  readonly dag: string
  readonly description: string
  readonly runId: string
  readonly trigger: string
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

export type RunState = 'queued' | 'running' | 'success' | 'failed' | 'cancelled'
export type TaskState = 'success' | 'failed' | 'skipped' | 'upstream_failed' | 'running' | 'none'

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
