import { compileList } from '../compile-steps.ts'
import { compileValue } from '../compile-value.ts'
import { resolveJump } from '../context.ts'
import { RaisedError } from '../errors.ts'
import { evaluate } from '../evaluator.ts'
import { boundedValue } from '../frame.ts'
import { runList } from '../run-list.ts'
import type { NextBody, RaiseBody, ReturnBody, StepsBody } from '../../../language/syntax.ts'
import type { Context } from '../context.ts'
import type { CompiledBody } from '../step.ts'

/** https://cloud.google.com/workflows/docs/reference/syntax/completing */
export function compileReturn({ value }: ReturnBody, context: Context): CompiledBody {
  const result = compileValue(value, context)
  const shape = { type: 'STEP_RETURN', structural: false } as const
  if (result.kind === 'plain')
    return {
      ...shape,
      plain: (frame) => ({ kind: 'return', value: boundedValue(result.evaluate(frame), frame) }),
    }
  return {
    ...shape,
    run: function* (frame) {
      return { kind: 'return', value: boundedValue(yield* result.evaluate(frame), frame) }
    },
  }
}

/** What is raised is caught as it is. https://cloud.google.com/workflows/docs/reference/syntax/raising-errors */
export function compileRaise({ value }: RaiseBody, context: Context): CompiledBody {
  const raised = compileValue(value, context)
  return {
    type: 'STEP_RAISE',
    structural: false,
    run: function* (frame) {
      throw new RaisedError(boundedValue(yield* evaluate(raised, frame), frame))
    },
  }
}

/** A list under one name; no scope and no history entry of its own. */
export function compileSteps({ steps }: StepsBody, context: Context): CompiledBody {
  const list = compileList(steps, context)
  return {
    type: null,
    structural: true,
    run: (frame, inside) => runList(list, frame, inside),
  }
}

/** https://cloud.google.com/workflows/docs/reference/syntax/jumps */
export function compileNext({ next }: NextBody, context: Context): CompiledBody {
  const signal = resolveJump(next, context)
  return {
    type: 'STEP_GOTO',
    structural: false,
    plain: () => signal,
  }
}
