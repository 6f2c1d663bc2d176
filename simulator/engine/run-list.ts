import { asRaised } from './errors.ts'
import { frameOf } from './step.ts'
import type { RaisedError } from './errors.ts'
import type { Frame } from './frame.ts'
import type { Cursor } from './recorder.ts'
import type { Signal } from './signal.ts'
import type { CompiledStep, StepList } from './step.ts'
import type { Task } from './task.ts'

/**
 * Runs a list of steps: the loop that everything else stands in. Plain steps run here without a task of their
 * own. Returns the signal that leaves the list, if it did not run off its end.
 */
export function* runList(list: StepList, frame: Frame, cursor: Cursor): Task<Signal | undefined> {
  const { thread } = frame
  const { execution } = thread
  const { scheduler, recorder } = execution
  let index = 0
  for (let step = list.steps[index]; step !== undefined; step = list.steps[index]) {
    if (scheduler.mustYield()) yield 'ready'
    thread.step = step
    const { body } = step
    let signal: Signal | undefined
    const entry =
      body.type === null ? null : recorder.start(thread, step.routine, step.name, body.type, cursor)
    try {
      execution.countStep(body.structural)
      if (execution.fault !== null && entry !== null) raiseFault(execution.fault(entry))
      const inside = entry === null ? cursor : { parent: entry, previous: null }
      signal =
        body.plain === undefined || (body.run !== undefined && scheduler.contended)
          ? yield* body.run!(frame, inside)
          : body.plain(frame, inside)
    } catch (error) {
      const raised = asRaised(error)
      locate(raised, step, frame)
      if (entry !== null) recorder.fail(thread, entry, raised.value, frame, list.visible)
      throw raised
    }
    if (entry !== null) recorder.succeed(thread, entry, frame, list.visible)
    signal ??= step.next
    if (signal === undefined) index += 1
    else if (signal.kind === 'jump' && signal.list === list) index = signal.index
    else return signal
  }
  return undefined
}

function raiseFault(fault: Error | null): void {
  if (fault !== null) throw fault
}

/** Adds a line of the stack trace: the innermost step of each frame on the way out. */
function locate(error: RaisedError, step: CompiledStep, frame: Frame): void {
  if (error.within === frame) return
  error.within = frame
  error.trace.push(frameOf(step))
}
