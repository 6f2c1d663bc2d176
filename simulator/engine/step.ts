import type { Position } from '../../language/position.ts'
import type { Frame, VariableReference } from './frame.ts'
import type { StackFrame } from './execution.ts'
import type { StepType } from './history.ts'
import type { Cursor } from './recorder.ts'
import type { Signal } from './signal.ts'
import type { Task } from './task.ts'
import type { RuntimeValue } from './value.ts'

/** One step of the source, ready to run. */
export interface CompiledStep {
  readonly name: string
  readonly routine: string
  readonly position: Position | null
  readonly body: CompiledBody
  /** Where to go when the body ran to its end. */
  readonly next: Signal | undefined
}

/** A line of a stack trace. */
export function frameOf({ name, routine, position }: CompiledStep): StackFrame {
  const { line = 0, column = 0 } = position ?? {}
  return { step: name, routine, position: { line, column, length: name.length } }
}

/**
 * With `plain` alone a body always runs in one go; with both, only while no other branch is ready, since several
 * assignments of one step are not atomic; with `run` alone it may have to wait.
 */
export type CompiledBody = BodyShape &
  ({ readonly plain: PlainRun; readonly run?: Run } | { readonly plain?: undefined; readonly run: Run })

interface BodyShape {
  /** Null for `steps`, which leaves no entry of its own in the history. */
  readonly type: StepType | null
  /** Holds other steps. */
  readonly structural: boolean
}

/** `inside` is where entries of steps inside this one go: below its own entry. */
type PlainRun = (frame: Frame, inside: Cursor) => Signal | undefined
type Run = (frame: Frame, inside: Cursor) => Task<Signal | undefined>

/** A `steps` list; filled in after it was created, since jumps refer to it. */
export interface StepList {
  readonly steps: CompiledStep[]
  /** All variables that can be seen from here, for detailed history. */
  visible: readonly VariableReference[]
}

/** A subworkflow; filled in after it was created, since calls refer to it. */
export interface Routine {
  readonly name: string
  readonly parameters: readonly CompiledParameter[]
  /** Number of variables in its frame. */
  slots: number
  body: StepList
}

export interface CompiledParameter {
  readonly name: string
  readonly slot: number
  /** Undefined where the caller has to give the argument. */
  readonly default: RuntimeValue | undefined
}
