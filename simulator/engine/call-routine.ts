import { recursionError, typeError } from './errors.ts'
import { createFrame, releaseFrame, storeValue } from './frame.ts'
import { LIMITS } from './limits.ts'
import { runList } from './run-list.ts'
import type { Frame } from './frame.ts'
import type { Cursor } from './recorder.ts'
import type { Routine } from './step.ts'
import type { Task } from './task.ts'
import type { RuntimeValue } from './value.ts'

/**
 * Runs a subworkflow in a frame of its own. Its entries go below `inside`, by default below the innermost entry
 * that is open: the step whose expression calls it.
 */
export function* callRoutine(
  routine: Routine,
  args: readonly (RuntimeValue | undefined)[],
  caller: Frame,
  inside?: Cursor,
): Task<RuntimeValue> {
  const { thread } = caller
  const frame = createFrame(routine.slots, null, thread, caller.callDepth + 1)
  if (frame.callDepth > LIMITS.callDepth) throw recursionError(LIMITS.callDepth)
  const { step } = thread
  try {
    bindParameters(routine, args, frame)
    const signal = yield* runList(
      routine.body,
      frame,
      inside ?? { parent: thread.open.at(-1) ?? null, previous: null },
    )
    return signal?.kind === 'return' ? signal.value : null
  } finally {
    releaseFrame(frame)
    thread.step = step
  }
}

export function bindParameters(
  routine: Routine,
  args: readonly (RuntimeValue | undefined)[],
  frame: Frame,
): void {
  const { parameters } = routine
  if (args.length > parameters.length) {
    throw typeError(`${routine.name}: takes at most ${parameters.length} arguments, got ${args.length}`)
  }
  for (const [index, parameter] of parameters.entries()) {
    const value = args[index] === undefined ? parameter.default : args[index]
    if (value === undefined) throw typeError(`${routine.name}: missing argument '${parameter.name}'`)
    storeValue(frame, parameter.slot, value)
  }
}
