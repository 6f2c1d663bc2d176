import { compileItems } from '../compile-loop.ts'
import { compileList } from '../compile-steps.ts'
import { asRaised } from '../errors.ts'
import { evaluate } from '../evaluator.ts'
import { clearVariables, storeValue } from '../frame.ts'
import { int } from '../value.ts'
import { runList } from '../run-list.ts'
import { Scope } from '../scope.ts'
import type { ForBody } from '../../../language/syntax.ts'
import type { Context, Holder } from '../context.ts'
import type { CompiledBody } from '../step.ts'

/**
 * The loop's own variables live in the frame around it and are cleared when it ends.
 * https://cloud.google.com/workflows/docs/reference/syntax/iteration
 */
export function compileFor({ loop }: ForBody, holder: Holder, context: Context): CompiledBody {
  const { source, itemsOf } = compileItems(loop, context)
  const scope = Scope.block(context.scope)
  const valueSlot = scope.declare(loop.value)
  const indexSlot = loop.index === undefined ? null : scope.declare(loop.index)
  scope.declareAssigned(loop.steps)
  const slots = scope.ownSlots()
  const locals = slots.filter((slot) => slot !== valueSlot && slot !== indexSlot)
  const list = compileList(loop.steps, { ...context, scope, labels: { kind: 'loop', outer: context.labels } })
  const { name } = holder
  const { routine } = context
  return {
    type: 'STEP_FOR',
    structural: true,
    run: function* (frame, inside) {
      const { thread } = frame
      const { recorder, readings, scheduler } = thread.execution
      const items = itemsOf(yield* evaluate(source, frame))
      try {
        for (let index = 0; index < items.length; index += 1) {
          if (scheduler.mustYield()) yield 'ready'
          storeValue(frame, valueSlot, items.at(index))
          if (indexSlot !== null) storeValue(frame, indexSlot, int(index))
          if (readings.loopLocals === 'cleared') clearVariables(frame, locals)
          const progress = recorder.progress('FOR', index + 1, items.length)
          const entry = recorder.start(thread, routine, name, 'STEP_FOR_ITERATION', inside, progress)
          try {
            const signal = yield* runList(list, frame, { parent: entry, previous: null })
            recorder.succeed(thread, entry, frame, list.visible)
            if (signal?.kind === 'break') break
            if (signal !== undefined && signal.kind !== 'continue') return signal
          } catch (error) {
            recorder.fail(thread, entry, asRaised(error).value, frame, list.visible)
            throw error
          }
        }
        return undefined
      } finally {
        clearVariables(frame, slots)
      }
    },
  }
}
