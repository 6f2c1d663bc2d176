import { compileBlock } from '../compile-block.ts'
import { compileValue } from '../compile-value.ts'
import { resolveJump } from '../context.ts'
import { asRaised, typeError } from '../errors.ts'
import { evaluate } from '../evaluator.ts'
import { runList } from '../run-list.ts'
import { typeName } from '../value.ts'
import type { SwitchBody } from '../../../language/syntax.ts'
import type { Context, Holder } from '../context.ts'
import type { Evaluator } from '../evaluator.ts'
import type { Frame } from '../frame.ts'
import type { Cursor } from '../recorder.ts'
import type { Signal } from '../signal.ts'
import type { CompiledBody, StepList } from '../step.ts'
import type { RuntimeValue } from '../value.ts'

interface Entry {
  readonly condition: Evaluator
  /** What a bare `next` does, or the steps of the entry. */
  readonly does: Signal | StepList
}

/** https://cloud.google.com/workflows/docs/reference/syntax/conditions */
export function compileSwitch(body: SwitchBody, holder: Holder, context: Context): CompiledBody {
  const entries = body.conditions.map(({ condition, body: inner }): Entry => ({
    condition: compileValue(condition, context),
    does: inner.kind === 'next' ? resolveJump(inner.next, context) : compileBlock(inner, holder, context),
  }))
  const after = body.next === undefined ? undefined : resolveJump(body.next, context)
  const { name } = holder
  const { routine } = context
  const visible = context.scope.visible()

  const enter = (frame: Frame, inside: Cursor, number: number) => {
    const { recorder } = frame.thread.execution
    const progress = recorder.progress('SWITCH', number, entries.length)
    return recorder.start(frame.thread, routine, name, 'STEP_CONDITION', inside, progress)
  }

  const shape = { type: 'STEP_SWITCH', structural: true } as const
  const tests = entries.flatMap(({ condition, does }) =>
    condition.kind === 'plain' && 'kind' in does ? [{ test: condition.evaluate, jump: does }] : [],
  )
  if (tests.length === entries.length) {
    return {
      ...shape,
      plain: (frame, inside) => {
        const index = tests.findIndex(({ test }) => truth(test(frame)))
        if (index < 0) return after
        const { thread } = frame
        thread.execution.recorder.succeed(thread, enter(frame, inside, index + 1), frame, visible)
        return tests[index]!.jump
      },
    }
  }
  return {
    ...shape,
    run: function* (frame, inside) {
      const { thread } = frame
      const { recorder, readings } = thread.execution
      for (const [index, { condition, does }] of entries.entries()) {
        if (!truth(yield* evaluate(condition, frame))) continue
        const entry = enter(frame, inside, index + 1)
        try {
          const signal =
            'kind' in does ? does : yield* runList(does, frame, { parent: entry, previous: null })
          recorder.succeed(thread, entry, frame, visible)
          return signal ?? (readings.switchNext === 'followed' ? after : undefined)
        } catch (error) {
          recorder.fail(thread, entry, asRaised(error).value, frame, visible)
          throw error
        }
      }
      return after
    },
  }
}

function truth(value: RuntimeValue): boolean {
  if (typeof value !== 'boolean') throw typeError(`a condition must be a boolean, got ${typeName(value)}`)
  return value
}
