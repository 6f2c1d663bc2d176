import { parseWorkflow, printWorkflow, validateWorkflow, type Problem } from '../../../language/index.ts'
import { virtualClock } from '../../clock.ts'
import {
  CompileError,
  compileWorkflow,
  mapOf,
  parseJson,
  writeJson,
  type CompiledWorkflow,
} from '../index.ts'
import type { ExecutionOutcome } from '../execution.ts'
import type { EngineHost } from '../host.ts'
import { JsonError } from '../json.ts'
import { START } from './host.ts'
import type { FuzzInput } from './fuzz-inputs.ts'

/**
 * What became of an input: a result, or an error with its place. Throws for what may never happen: a crash, a
 * problem without a place, a printed source that does not read back, a source that is accepted and does not compile,
 * an error of the engine itself, a step entry that stays open.
 */
export async function fate(input: FuzzInput): Promise<string> {
  const { document, problems } = parseWorkflow(input.source)
  for (const problem of problems) checkPlace(problem)
  if (document === null) {
    if (problems.length === 0) throw new Error('no document and no problem')
    return 'does not parse'
  }
  const printed = printWorkflow(document)
  const again = parseWorkflow(printed)
  if (again.document === null) throw new Error(`what was printed does not parse:\n${printed}`)
  if (printWorkflow(again.document) !== printed) throw new Error(`printed twice it differs:\n${printed}`)
  const refused = validateWorkflow(document, Buffer.byteLength(input.source))
  for (const problem of refused) checkPlace(problem)
  let workflow: CompiledWorkflow
  try {
    workflow = compileWorkflow(document)
  } catch (error) {
    // What can be deployed has to compile.
    if (error instanceof CompileError && refused.length > 0) return 'does not compile'
    throw error
  }
  const outcome = await run(workflow, input)
  if (refused.length > 0) return 'ran, though refused'
  checkOutcome(outcome)
  return outcome.state
}

function checkPlace({ code, message, position }: Problem): void {
  if (message === '') throw new Error(`${code} without a message`)
  if (position === undefined || position.line < 1 || position.column < 1) {
    throw new Error(`${code} without a place: ${message}`)
  }
}

async function run(
  workflow: CompiledWorkflow,
  { argument, detailed, seed }: FuzzInput,
): Promise<ExecutionOutcome> {
  let open = 0
  let entries = 0
  const execution = workflow.execute({
    host: stubbedHost(),
    argument: parseJson(argument),
    seed,
    historyLevel: detailed ? 'detailed' : 'basic',
    history: {
      // As what is written to disk: only so many entries show variables.
      get full() {
        return entries > 2000
      },
      started: () => {
        open += 1
        entries += 1
      },
      ended: () => {
        open -= 1
      },
    },
  })
  const outcome = await execution.outcome
  if (open !== 0) throw new Error(`${open} step entries stay open`)
  return outcome
}

function checkOutcome(outcome: ExecutionOutcome): void {
  if (outcome.state === 'SUCCEEDED') {
    try {
      JSON.parse(writeJson(outcome.result))
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
    }
    return
  }
  const { payload, context, stackTrace } = outcome.error
  const raised: unknown = JSON.parse(payload)
  const tags =
    typeof raised === 'object' && raised !== null && 'tags' in raised ? JSON.stringify(raised.tags) : ''
  if (tags === '' && !context.startsWith('RuntimeError: '))
    throw new Error(`an error without tags: ${context}`)
  if (/SystemError/.test(tags) && !/deadlock|the raised value cannot be written as JSON/.test(payload)) {
    throw new Error(`an error of the engine itself: ${context}`)
  }
  for (const { step, position } of stackTrace) {
    if (step === '' || position.line < 1)
      throw new Error(`a frame without a place: ${JSON.stringify(stackTrace)}`)
  }
}

/** Answers every request and connector at once, with a body that has something of everything. */
function stubbedHost(): EngineHost {
  const body = () => mapOf({ items: [1n, 'two', null], name: 'n', done: true, state: 'SUCCEEDED' })
  let endpoints = 0
  return {
    clock: virtualClock(START),
    connector: () => () => Promise.resolve(body()),
    http: () => Promise.resolve(mapOf({ code: 200n, headers: new Map(), body: body() })),
    environment: (name) => (name.startsWith('GOOGLE_') ? 'x' : null),
    log: () => undefined,
    callbacks: {
      create: () => mapOf({ url: `http://127.0.0.1/${(endpoints += 1)}` }),
      receive: (_callback, signal) =>
        new Promise((_resolve, reject) => {
          const abort = () => reject(signal.reason)
          if (signal.aborted) abort()
          else signal.addEventListener('abort', abort, { once: true })
        }),
    },
  }
}
