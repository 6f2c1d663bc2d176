import { compileBlock } from '../compile-block.ts'
import { compileList } from '../compile-steps.ts'
import { asRaised } from '../errors.ts'
import { evaluate } from '../evaluator.ts'
import { clearVariables, storeValue } from '../frame.ts'
import { logHandled } from '../log-call.ts'
import { compilePolicy, readPolicy, retries, retryDelay } from '../retry.ts'
import { runList } from '../run-list.ts'
import { Scope } from '../scope.ts'
import type { ExceptBlock, TryBody } from '../../../language/syntax.ts'
import type { Context, Holder } from '../context.ts'
import type { RaisedError } from '../errors.ts'
import type { Frame } from '../frame.ts'
import type { StepType } from '../history.ts'
import type { Policy } from '../retry.ts'
import type { Cursor, Progress } from '../recorder.ts'
import type { Signal } from '../signal.ts'
import type { CompiledBody, StepList } from '../step.ts'
import type { Task } from '../task.ts'

/**
 * A retry runs the whole body again; what the failed attempt assigned stays. When retries are used up or the
 * predicate says no, `except` gets the error; what is raised in there leaves the step.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/catching-errors
 */
export function compileTry(body: TryBody, holder: Holder, context: Context): CompiledBody {
  const list = compileBlock(body.body, holder, context)
  const retry = body.retry === undefined ? null : compilePolicy(body.retry, context)
  const handler = body.except === undefined ? null : compileExcept(body.except, context)
  const { name } = holder
  const { routine } = context

  function* attempt(
    frame: Frame,
    inside: Cursor,
    type: StepType,
    steps: StepList,
    progress?: Progress,
  ): Task<Signal | undefined> {
    const { thread } = frame
    const { recorder } = thread.execution
    const entry = recorder.start(thread, routine, name, type, inside, progress)
    try {
      const signal = yield* runList(steps, frame, { parent: entry, previous: null })
      recorder.succeed(thread, entry, frame, steps.visible)
      return signal
    } catch (error) {
      recorder.fail(thread, entry, asRaised(error).value, frame, steps.visible)
      throw error
    }
  }

  return {
    type: 'STEP_TRY_RETRY_EXCEPT',
    structural: true,
    run: function* (frame, inside) {
      const { thread } = frame
      const { recorder, readings, functions } = thread.execution
      let policy: Policy | null = null
      for (let retried = 0; ; retried += 1) {
        const { step } = thread
        try {
          if (retried === 0) return yield* attempt(frame, inside, 'STEP_TRY', list)
          const progress = recorder.progress('RETRY', retried, policy?.maxRetries ?? retried)
          return yield* attempt(frame, inside, 'STEP_RETRY', list, progress)
        } catch (error) {
          const raised = asRaised(error)
          if (raised.fatal) throw raised
          thread.step = step
          if (retry !== null) {
            policy ??= readPolicy(yield* evaluate(retry, frame), readings)
            if (retried < policy.maxRetries && (yield* retries(policy, raised.value, frame))) {
              const { clock, signal } = functions.call
              yield clock.sleep(retryDelay(policy, retried), signal).then(() => null)
              continue
            }
          }
          if (handler === null) throw raised
          logHandled(name, raised, frame)
          return yield* handle(frame, inside, raised)
        }
      }
    },
  }

  function* handle(frame: Frame, inside: Cursor, raised: RaisedError): Task<Signal | undefined> {
    const { slot, slots, list: steps } = handler!
    try {
      if (slot !== null) storeValue(frame, slot, raised.value)
      return yield* attempt(frame, inside, 'STEP_EXCEPT', steps)
    } finally {
      clearVariables(frame, slots)
    }
  }
}

/** The error and what is first assigned in here are local. */
function compileExcept(except: ExceptBlock, context: Context) {
  const scope = Scope.block(context.scope)
  const slot = except.as === undefined ? null : scope.declare(except.as)
  scope.declareAssigned(except.steps)
  return { slot, slots: scope.ownSlots(), list: compileList(except.steps, { ...context, scope }) }
}
