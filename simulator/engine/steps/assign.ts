import { compileExpression } from '../compile-expression.ts'
import { compileValue } from '../compile-value.ts'
import { CompileError } from '../compile-error.ts'
import { writeElement } from '../access.ts'
import { combine, evaluate } from '../evaluator.ts'
import { setVariable } from '../frame.ts'
import type { AssignBody, Assignment } from '../../../language/syntax.ts'
import type { Context } from '../context.ts'
import type { Evaluator } from '../evaluator.ts'
import type { Frame, VariableReference } from '../frame.ts'
import type { CompiledBody } from '../step.ts'
import type { RuntimeList, RuntimeValue } from '../value.ts'

interface CompiledAssignment {
  readonly value: Evaluator
  /** The path's elements as a list; null for a plain variable. */
  readonly path: Evaluator | null
  readonly reference: VariableReference
}

/**
 * Items run in order and each is atomic: nothing comes between reading and writing. Between two items of one
 * step another branch may run.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export function compileAssign({ assignments }: AssignBody, context: Context): CompiledBody {
  const items = assignments.map((item) => compileAssignment(item, context))
  const shape = { type: 'STEP_ASSIGN', structural: false, atomic: items.length === 1 } as const
  const plain = items.map(plainly)
  if (plain.every((item) => item !== null)) {
    const [only] = plain
    return {
      ...shape,
      plain:
        plain.length === 1
          ? (frame) => void only!(frame)
          : (frame) => {
              for (const item of plain) item(frame)
              return undefined
            },
      run: function* (frame) {
        for (const [index, item] of plain.entries()) {
          if (index > 0 && frame.thread.execution.scheduler.mustYield()) yield 'ready'
          item(frame)
        }
        return undefined
      },
    }
  }
  return {
    ...shape,
    run: function* (frame) {
      for (const [index, { value, path, reference }] of items.entries()) {
        if (index > 0 && frame.thread.execution.scheduler.mustYield()) yield 'ready'
        const result = yield* evaluate(value, frame)
        const keys = path === null ? null : ((yield* evaluate(path, frame)) as RuntimeList)
        store(frame, reference, keys, result)
      }
      return undefined
    },
  }
}

function compileAssignment({ target, value }: Assignment, context: Context): CompiledAssignment {
  const reference = context.scope.find(target.variable)
  if (reference === null) throw new CompileError(`variable '${target.variable}' is not in scope`)
  const path = target.path.map((key) => compileExpression(key, context))
  return {
    value: compileValue(value, context),
    path: path.length === 0 ? null : combine(path, (keys) => keys),
    reference,
  }
}

function plainly({ value, path, reference }: CompiledAssignment): ((frame: Frame) => void) | null {
  if (value.kind !== 'plain' || (path !== null && path.kind !== 'plain')) return null
  if (path === null) return (frame) => setVariable(frame, reference, value.evaluate(frame))
  return (frame) => {
    const result = value.evaluate(frame)
    store(frame, reference, path.evaluate(frame) as RuntimeList, result)
  }
}

function store(
  frame: Frame,
  reference: VariableReference,
  path: RuntimeList | null,
  value: RuntimeValue,
): void {
  if (path === null) setVariable(frame, reference, value)
  else writeElement(frame, reference, path, value)
}
