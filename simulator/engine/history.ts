import type { RuntimeMap, RuntimeValue } from './value.ts'

/** https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions.stepEntries */
export type StepType =
  | 'STEP_ASSIGN'
  | 'STEP_STD_LIB_CALL'
  | 'STEP_CONNECTOR_CALL'
  | 'STEP_SUBWORKFLOW_CALL'
  | 'STEP_CALL'
  | 'STEP_SWITCH'
  | 'STEP_CONDITION'
  | 'STEP_FOR'
  | 'STEP_FOR_ITERATION'
  | 'STEP_PARALLEL_FOR'
  | 'STEP_PARALLEL_BRANCH'
  | 'STEP_PARALLEL_BRANCH_ENTRY'
  | 'STEP_TRY_RETRY_EXCEPT'
  | 'STEP_TRY'
  | 'STEP_RETRY'
  | 'STEP_EXCEPT'
  | 'STEP_RETURN'
  | 'STEP_RAISE'
  | 'STEP_GOTO'

export type StepState = 'STATE_IN_PROGRESS' | 'STATE_SUCCEEDED' | 'STATE_FAILED' | 'STATE_CANCELLED'

export type ProgressType = 'FOR' | 'SWITCH' | 'RETRY' | 'PARALLEL_FOR' | 'PARALLEL_BRANCH'

/** One entry of an execution's history, as the engine reports it. Ids grow by one from 1 within an execution. */
export interface StepEntry {
  readonly entryId: number
  readonly routine: string
  readonly step: string
  readonly stepType: StepType
  state: StepState
  /** Milliseconds since the epoch, on the engine's clock. */
  readonly createTime: number
  /** Completion time once done. */
  updateTime: number
  /** The entry that this one stands inside: the calling step, or the enclosing block. */
  readonly parent: number | null
  readonly children: number[]
  readonly previous: number | null
  /** Filled in when the next entry of the same sequence starts, which is after this one has ended. */
  next: number | null
  /** `0` for the execution itself; each parallel branch and iteration has its own. */
  readonly threadId: string
  readonly progress?: { readonly type: ProgressType; readonly number: number; readonly expected?: number }
  /** What was raised, with state STATE_FAILED. */
  exception?: RuntimeValue
  /** Variables in scope when the step ended, large ones as a text with their size; only with detailed history. */
  variables?: RuntimeMap
}

/** Receives entries as the execution runs: once when a step starts and again when it ends. */
export interface HistorySink {
  /** True once it takes no more variables, which then are not copied for it any more. @default false */
  readonly full?: boolean
  started(entry: StepEntry): void
  ended(entry: StepEntry): void
}
