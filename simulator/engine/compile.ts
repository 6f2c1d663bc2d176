import { asRaised, valueError } from './errors.ts'
import { bindParameters } from './call-routine.ts'
import { CompileError } from './compile-error.ts'
import { compileList } from './compile-steps.ts'
import { compileValue } from './compile-value.ts'
import { createFrame } from './frame.ts'
import { JsonError, writeJson } from './json.ts'
import { LiveExecution } from './live-execution.ts'
import { runList } from './run-list.ts'
import { Scope } from './scope.ts'
import { frameOf } from './step.ts'
import type { Subworkflow, WorkflowDocument } from '../../language/syntax.ts'
import type { CompiledWorkflow, Execution, ExecutionOptions } from './execution.ts'
import type { CompiledParameter, Routine } from './step.ts'
import type { Signal } from './signal.ts'
import type { Task } from './task.ts'
import type { Thread } from './thread.ts'
import type { RuntimeValue } from './value.ts'

/**
 * Compiles a source to closures, once; nothing of it is looked at again while it runs. The source should have
 * passed the language's validation; what cannot run at all throws a `CompileError`.
 */
export function compileWorkflow(document: WorkflowDocument): CompiledWorkflow {
  const drafts = document.subworkflows.map((source) => ({ source, ...draftRoutine(source) }))
  const routines = new Map(drafts.map(({ routine }) => [routine.name, routine]))
  for (const { source, routine, scope } of drafts) {
    routine.body = compileList(source.steps, { routines, routine: source.name, scope, labels: null })
    routine.slots = scope.layout.slots
  }
  const main = routines.get('main')
  if (main === undefined) throw new CompileError("the source has no subworkflow 'main'")
  return { execute: (options) => startExecution(main, options) }
}

function draftRoutine(source: Subworkflow): { routine: Routine; scope: Scope } {
  const scope = Scope.frame(null)
  const parameters = source.params.map((parameter): CompiledParameter => ({
    name: parameter.name,
    slot: scope.declare(parameter.name),
    default: parameter.default === undefined ? undefined : literal(source, parameter.default),
  }))
  scope.declareAssigned(source.steps)
  return { routine: { name: source.name, parameters, slots: 0, body: { steps: [], visible: [] } }, scope }
}

function literal(
  source: Subworkflow,
  value: NonNullable<Subworkflow['params'][number]['default']>,
): RuntimeValue {
  const context = { routines: new Map(), routine: source.name, scope: Scope.frame(null), labels: null }
  const compiled = compileValue(value, context)
  if (compiled.kind === 'plain' && compiled.constant !== undefined) return compiled.constant
  throw new CompileError(`a default of ${source.name} is not a literal`, source.position ?? null)
}

/** No argument is the argument null, for which a default of `main`'s parameter steps in. */
function mainArguments({ parameters: [first] }: Routine, argument: RuntimeValue): RuntimeValue[] {
  return first === undefined || (argument === null && first.default !== undefined) ? [] : [argument]
}

function startExecution(main: Routine, options: ExecutionOptions): Execution {
  const execution = new LiveExecution(options)
  let result: RuntimeValue = null

  function* run(thread: Thread): Task<Signal | undefined> {
    const frame = createFrame(main.slots, null, thread, execution.readings.mainDepth === 'counted' ? 1 : 0)
    bindParameters(main, mainArguments(main, options.argument), frame)
    const signal = yield* runList(main.body, frame, { parent: null, previous: null })
    if (signal?.kind === 'return') result = signal.value
    checkResult(result, thread)
    return signal
  }

  if (options.signal?.aborted !== true) {
    const thread = execution.spawn(null, run, (error) => {
      if (error === undefined) return execution.finish({ state: 'SUCCEEDED', result })
      execution.crash(thread, asRaised(error))
    })
  }
  return execution
}

/** A result that is no JSON is an error of the execution, at the step that returned it; nothing can handle it. */
function checkResult(result: RuntimeValue, { step }: Thread): void {
  try {
    writeJson(result)
  } catch (error) {
    const raised = error instanceof JsonError ? valueError(error.message) : asRaised(error)
    if (step !== null) raised.trace.push(frameOf(step))
    throw raised
  }
}
