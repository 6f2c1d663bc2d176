import { CompileError } from '../compile-error.ts'
import { compileValue } from '../compile-value.ts'
import { callConnector } from '../call-connector.ts'
import { callRoutine } from '../call-routine.ts'
import { typeError } from '../errors.ts'
import { constant, evaluate } from '../evaluator.ts'
import { boundedValue, setVariable } from '../frame.ts'
import { logCall } from '../log-call.ts'
import { isList, isMap } from '../value.ts'
import { standardFunction } from '../../stdlib/index.ts'
import { checkArguments, orderArguments } from '../../stdlib/function.ts'
import type { CallBody } from '../../../language/syntax.ts'
import type { PlainFunction, StandardFunction } from '../../stdlib/function.ts'
import type { Context } from '../context.ts'
import type { Evaluator } from '../evaluator.ts'
import type { Frame } from '../frame.ts'
import type { StepType } from '../history.ts'
import type { Cursor } from '../recorder.ts'
import type { CompiledBody, Routine } from '../step.ts'
import type { Task } from '../task.ts'
import type { RuntimeValue } from '../value.ts'

type Invoke = (args: RuntimeValue, frame: Frame, inside: Cursor) => Task<RuntimeValue>

/** https://cloud.google.com/workflows/docs/reference/syntax/calls */
export function compileCall({ callee, args, result }: CallBody, context: Context): CompiledBody {
  const values = args === undefined ? constant(new Map()) : compileValue(args, context)
  const keep = compileResult(result, context)
  const routine = context.routines.get(callee)
  if (routine !== undefined) {
    return callBody('STEP_SUBWORKFLOW_CALL', callee, values, keep, invokeRoutine(routine))
  }
  const standard = standardFunction(callee)
  if (standard?.kind === 'plain' && values.kind === 'plain') {
    return plainCall(callee, standard, values.evaluate, keep)
  }
  if (standard !== null) {
    return callBody('STEP_STD_LIB_CALL', callee, values, keep, invokeStandard(callee, standard))
  }
  if (callee.startsWith('googleapis.')) {
    return callBody('STEP_CONNECTOR_CALL', callee, values, keep, (given, frame) => {
      if (!isMap(given)) throw typeError(`${callee}: arguments must be a map`)
      return callConnector(callee, given, frame)
    })
  }
  throw new CompileError(`'${callee}' is neither a function nor a sub-workflow name`)
}

type Keep = (frame: Frame, value: RuntimeValue) => void

function compileResult(result: string | undefined, context: Context): Keep {
  if (result === undefined) return () => undefined
  const reference = context.scope.find(result)
  if (reference === null) throw new CompileError(`variable '${result}' is not in scope`)
  return (frame, value) => setVariable(frame, reference, value)
}

function callBody(type: StepType, callee: string, args: Evaluator, keep: Keep, invoke: Invoke): CompiledBody {
  return {
    type,
    structural: false,
    run: function* (frame, inside) {
      const given = boundedValue(yield* evaluate(args, frame), frame)
      const log = logCall(callee, given, frame)
      try {
        const result = yield* invoke(given, frame, inside)
        log?.succeeded(result)
        keep(frame, result)
      } catch (error) {
        log?.failed(error)
        throw error
      }
      return undefined
    },
  }
}

function plainCall(
  name: string,
  { parameters, run }: PlainFunction,
  args: (frame: Frame) => RuntimeValue,
  keep: Keep,
): CompiledBody {
  const call = (frame: Frame) => {
    const given = boundedValue(args(frame), frame)
    const log = logCall(name, given, frame)
    try {
      const ordered = checkArguments(name, parameters, inOrder(name, parameters, given))
      const result = run(ordered, frame.thread.execution.functions)
      log?.succeeded(result)
      keep(frame, result)
    } catch (error) {
      log?.failed(error)
      throw error
    }
    return undefined
  }
  return {
    type: 'STEP_STD_LIB_CALL',
    structural: false,
    plain: call,
  }
}

function invokeRoutine(routine: Routine): Invoke {
  return (args, frame, inside) =>
    callRoutine(routine, inOrder(routine.name, routine.parameters, args), frame, inside)
}

function invokeStandard(name: string, { parameters, run }: StandardFunction): Invoke {
  return function* (args, frame) {
    const given = checkArguments(name, parameters, inOrder(name, parameters, args))
    const result = run(given, frame.thread.execution.functions)
    return result instanceof Promise ? yield result : result
  }
}

function inOrder(
  name: string,
  parameters: readonly { readonly name: string }[],
  args: RuntimeValue,
): readonly (RuntimeValue | undefined)[] {
  if (isMap(args)) return orderArguments(name, parameters, args)
  if (isList(args)) return args
  throw typeError(`${name}: arguments must be a map or a list`)
}
