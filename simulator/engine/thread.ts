import type { LiveExecution } from './live-execution.ts'
import type { StepEntry } from './history.ts'
import type { Signal } from './signal.ts'
import type { CompiledStep } from './step.ts'
import type { Task } from './task.ts'
import type { RuntimeValue } from './value.ts'

/** What a thread is resumed with. */
export type Resumption = { readonly value: RuntimeValue } | { readonly error: unknown }

/** A line of control: the execution itself, or one parallel branch or iteration. */
export interface Thread {
  readonly id: string
  readonly execution: LiveExecution
  readonly parent: Thread | null
  /** Parallel steps around this thread, through subworkflow calls. */
  readonly parallelDepth: number
  /** Made when the thread first runs, so that what making it raises is raised inside. */
  readonly begin: (self: Thread) => Task<Signal | undefined>
  task: Task<Signal | undefined> | null
  /** Called once, when the task has ended. */
  readonly ended: (error: unknown, signal?: Signal) => void
  /** The step that runs now, and the routine it stands in. */
  step: CompiledStep | null
  /** Waits for the branches of its own parallel step. */
  joining: boolean
  /** History entries that have begun and not ended, outermost first. */
  readonly open: StepEntry[]
}
