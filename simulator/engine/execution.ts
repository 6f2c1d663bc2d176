import type { EngineHost } from './host.ts'
import type { HistorySink, StepEntry } from './history.ts'
import type { Readings } from './readings.ts'
import type { RuntimeValue } from './value.ts'

/** How an execution ended. https://cloud.google.com/workflows/docs/access-execution-results */
export type ExecutionOutcome =
  | { readonly state: 'SUCCEEDED'; readonly result: RuntimeValue }
  | { readonly state: 'FAILED' | 'CANCELLED'; readonly error: ExecutionError }

export interface ExecutionError {
  /** JSON text of what was raised. */
  readonly payload: string
  /** Message and the `in step "s", routine "r", line: n` lines, as the Console shows them. */
  readonly context: string
  readonly stackTrace: readonly StackFrame[]
}

export interface StackFrame {
  readonly step: string
  readonly routine: string
  readonly position: { readonly line: number; readonly column: number; readonly length: number }
}

export interface ExecutionOptions {
  readonly host: EngineHost
  readonly argument: RuntimeValue
  readonly history: HistorySink
  /** @default 'basic' */
  readonly historyLevel?: 'basic' | 'detailed'
  /** Decides which ready branch runs next; the same seed gives the same history. @default 1 */
  readonly seed?: number
  /** Cancels the execution. */
  readonly signal?: AbortSignal
  /** For tests: what the step of this entry raises instead of running, null to let it run. @default every step runs */
  readonly fault?: (entry: StepEntry) => Error | null
  /** Where the documentation is silent: other than the default readings. See readings.ts. */
  readonly readings?: Partial<Readings>
}

/** A parsed and validated source, compiled to closures; start it as often as needed. */
export interface CompiledWorkflow {
  execute(options: ExecutionOptions): Execution
}

export interface Execution {
  readonly outcome: Promise<ExecutionOutcome>
  /** The innermost steps that run now. */
  currentSteps(): readonly { readonly routine: string; readonly step: string }[]
  /** Billed steps so far, polls included. */
  billedSteps(): number
  /** The most bytes that its variables have taken at once so far. */
  peakMemory(): number
}
