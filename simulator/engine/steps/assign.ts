import { compileExpression, namePath } from '../compile-expression.ts'
import { compileValue } from '../compile-value.ts'
import { CompileError } from '../compile-error.ts'
import { appendElement, writeElement } from '../access.ts'
import { evaluate } from '../evaluator.ts'
import { setVariable } from '../frame.ts'
import type { AssignBody, Assignment } from '../../../language/syntax.ts'
import type { Context } from '../context.ts'
import type { Evaluator, PlainEvaluator } from '../evaluator.ts'
import type { Frame, VariableReference } from '../frame.ts'
import type { CompiledBody } from '../step.ts'
import type { RuntimeValue } from '../value.ts'

interface CompiledAssignment {
  readonly value: Evaluator
  /** Empty for the variable itself. */
  readonly path: readonly Evaluator[]
  readonly reference: VariableReference
  /** Of `v: ${list.concat(v, …)}` the element that is appended. */
  readonly appended: PlainEvaluator | null
}

/**
 * Items run in order and each is atomic: nothing comes between reading and writing. Between two items of one
 * step another branch may run.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/variables
 */
export function compileAssign({ assignments }: AssignBody, context: Context): CompiledBody {
  const items = assignments.map((item) => compileAssignment(item, context))
  const shape = { type: 'STEP_ASSIGN', structural: false } as const
  const plain = items.map(plainly).filter((item) => item !== null)
  if (plain.length < items.length) return { ...shape, run: (frame) => assignAll(items, frame) }
  const [only] = plain
  if (only !== undefined && plain.length === 1) return { ...shape, plain: only }
  return {
    ...shape,
    plain: (frame) => {
      for (const item of plain) item(frame)
      return undefined
    },
    run: (frame) => assignAll(items, frame),
  }
}

function* assignAll(
  items: readonly CompiledAssignment[],
  frame: Frame,
): ReturnType<NonNullable<CompiledBody['run']>> {
  for (const [index, { value, path, reference, appended }] of items.entries()) {
    if (index > 0 && frame.thread.execution.scheduler.mustYield()) yield 'ready'
    if (appended !== null && appendElement(frame, reference, appended.evaluate)) continue
    const result = yield* evaluate(value, frame)
    const keys: RuntimeValue[] = []
    for (const key of path) keys.push(yield* evaluate(key, frame))
    store(frame, reference, keys, result)
  }
  return undefined
}

function compileAssignment(assignment: Assignment, context: Context): CompiledAssignment {
  const { target, value } = assignment
  const reference = context.scope.find(target.variable)
  if (reference === null) throw new CompileError(`variable '${target.variable}' is not in scope`)
  const path = target.path.map((key) => compileExpression(key, context))
  const appended = compileAppended(assignment, context)
  return { value: compileValue(value, context), path, reference, appended }
}

/** https://cloud.google.com/workflows/docs/reference/stdlib/list/concat is how lists are collected. */
function compileAppended({ target, value }: Assignment, context: Context): PlainEvaluator | null {
  if (target.path.length > 0 || value.kind !== 'expression' || value.expression.kind !== 'call') return null
  const { callee, args } = value.expression
  const [list, element] = args
  if (namePath(callee) !== 'list.concat' || args.length !== 2 || element === undefined) return null
  if (list?.kind !== 'name' || list.name !== target.variable) return null
  const appended = compileExpression(element, context)
  return appended.kind === 'plain' ? appended : null
}

/** An assignment that runs in one go, null where it may have to wait. */
function plainly({
  value,
  path,
  reference,
  appended,
}: CompiledAssignment): ((frame: Frame) => undefined) | null {
  if (value.kind !== 'plain') return null
  const keys = path.filter((key) => key.kind === 'plain')
  if (keys.length < path.length) return null
  return (frame) => {
    if (appended !== null && appendElement(frame, reference, appended.evaluate)) return undefined
    const result = value.evaluate(frame)
    if (keys.length === 0) setVariable(frame, reference, result)
    else
      store(
        frame,
        reference,
        keys.map((key) => key.evaluate(frame)),
        result,
      )
    return undefined
  }
}

function store(
  frame: Frame,
  reference: VariableReference,
  path: readonly RuntimeValue[],
  value: RuntimeValue,
): void {
  if (path.length === 0) setVariable(frame, reference, value)
  else writeElement(frame, reference, path, value)
}
