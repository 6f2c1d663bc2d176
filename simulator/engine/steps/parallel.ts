import { CompileError } from '../compile-error.ts'
import { runBranches } from '../branches.ts'
import { compileItems } from '../compile-loop.ts'
import { compileList } from '../compile-steps.ts'
import { compileValue } from '../compile-value.ts'
import { asRaised, parallelNestingError, typeError, valueError } from '../errors.ts'
import { constant, evaluate } from '../evaluator.ts'
import { createFrame, releaseFrame, storeValue } from '../frame.ts'
import { LIMITS } from '../limits.ts'
import { runList } from '../run-list.ts'
import { Scope } from '../scope.ts'
import { int, typeName } from '../value.ts'
import type { Branch, Loop, ParallelBody } from '../../../language/syntax.ts'
import type { Branches } from '../branches.ts'
import type { Items } from '../compile-loop.ts'
import type { Context, Holder } from '../context.ts'
import type { Evaluator } from '../evaluator.ts'
import type { Frame } from '../frame.ts'
import type { Progress } from '../recorder.ts'
import type { StepType } from '../history.ts'
import type { CompiledBody, StepList } from '../step.ts'
import type { RuntimeValue } from '../value.ts'

/** https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps */
export function compileParallel(body: ParallelBody, holder: Holder, context: Context): CompiledBody {
  const limit =
    body.concurrencyLimit === undefined ? constant(null) : compileValue(body.concurrencyLimit, context)
  if (body.branches !== undefined) return compileBranches(body.branches, limit, context)
  if (body.loop !== undefined) return compileIterations(body.loop, limit, holder, context)
  throw new CompileError('a parallel step needs one of branches and for')
}

function compileBranches(sources: readonly Branch[], limit: Evaluator, context: Context): CompiledBody {
  const compiled = sources.map(({ name, steps }) => {
    const scope = Scope.frame(context.scope)
    scope.declareAssigned(steps)
    const list = compileList(steps, { ...context, scope, labels: { kind: 'branch', outer: null } })
    return { name, list, layout: scope.layout }
  })
  return {
    type: 'STEP_PARALLEL_BRANCH',
    structural: true,
    run: function* (frame, inside) {
      const { readings, recorder } = enter(frame)
      yield* runBranches(
        frame,
        {
          count: compiled.length,
          limit: readLimit(yield* evaluate(limit, frame)),
          idOf: (index) => (readings.branchId === 'name' ? compiled[index]!.name : String(index)),
          run: (index, thread, cursor) => {
            const { name, list, layout } = compiled[index]!
            const progress = recorder.progress('PARALLEL_BRANCH', index + 1, compiled.length)
            const own = createFrame(layout.slots, frame, thread, frame.callDepth)
            return runBranch(own, list, cursor, {
              type: 'STEP_PARALLEL_BRANCH_ENTRY',
              routine: context.routine,
              name,
              progress,
            })
          },
        },
        inside,
      )
      return undefined
    },
  }
}

function compileIterations(loop: Loop, limit: Evaluator, holder: Holder, context: Context): CompiledBody {
  const { name } = holder
  const { source, itemsOf } = compileItems(loop, context)
  const scope = Scope.frame(context.scope)
  const valueSlot = scope.declare(loop.value)
  const indexSlot = loop.index === undefined ? null : scope.declare(loop.index)
  scope.declareAssigned(loop.steps)
  const list = compileList(loop.steps, { ...context, scope, labels: { kind: 'iteration', outer: null } })

  const iterations = (frame: Frame, items: Items, atOnce: number): Branches => ({
    count: items.length,
    limit: atOnce,
    idOf: (index) => String(index),
    run: (index, thread, cursor) => {
      const own = createFrame(scope.layout.slots, frame, thread, frame.callDepth)
      storeValue(own, valueSlot, items.at(index))
      if (indexSlot !== null) storeValue(own, indexSlot, int(index))
      const progress = thread.execution.recorder.progress('PARALLEL_FOR', index + 1, items.length)
      return runBranch(own, list, cursor, {
        type: 'STEP_FOR_ITERATION',
        routine: context.routine,
        name,
        progress,
      })
    },
  })
  return {
    type: 'STEP_PARALLEL_FOR',
    structural: true,
    run: function* (frame, inside) {
      enter(frame)
      const items = itemsOf(yield* evaluate(source, frame))
      const atOnce = readLimit(yield* evaluate(limit, frame))
      yield* runBranches(frame, iterations(frame, items, atOnce), inside)
      return undefined
    },
  }
}

interface Label {
  readonly type: StepType
  readonly routine: string
  readonly name: string
  readonly progress: Progress
}

function* runBranch(
  frame: Frame,
  list: StepList,
  cursor: Parameters<typeof runList>[2],
  { type, routine, name, progress }: Label,
): ReturnType<typeof runList> {
  const { thread } = frame
  const { recorder } = thread.execution
  const entry = recorder.start(thread, routine, name, type, cursor, progress)
  try {
    const signal = yield* runList(list, frame, { parent: entry, previous: null })
    recorder.succeed(thread, entry, frame, list.visible)
    return signal
  } catch (error) {
    recorder.fail(thread, entry, asRaised(error).value, frame, list.visible)
    throw error
  } finally {
    releaseFrame(frame)
  }
}

function enter({ thread }: Frame) {
  if (thread.parallelDepth >= LIMITS.parallelDepth) throw parallelNestingError(LIMITS.parallelDepth)
  return thread.execution
}

function readLimit(value: RuntimeValue): number {
  if (value === null) return Infinity
  if (typeof value !== 'bigint')
    throw typeError(`concurrency_limit must be an integer, got ${typeName(value)}`)
  if (value < 1n) throw valueError('concurrency_limit must be positive')
  return Number(value)
}
