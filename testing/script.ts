import { durationSeconds } from '../dsl/duration.ts'
import type { DagDefinition, TaskDefinition } from '../dsl/index.ts'
import { readAnswer, UnfitAnswer } from './answer.ts'
import { contractOf, type Mock, type MockError, type MockFunction, type RunFacts } from './mock.ts'
import type { Circumstances } from './options.ts'
import type { Outcome } from './outcome.ts'
import type { Mistakes } from './problem.ts'
import { standard } from './standard.ts'

/** What happens in a simulated run: how each try of each task ends. */
export interface Script {
  /** Whether anything is said of the task; where not, and it is asked to, it runs for real. */
  has(task: string): boolean
  /** How a try ends. Rejects with what a mock throws, and where an answer does not fit its task. */
  outcome(asked: AskedTry): Promise<Outcome>
  /** How the first try ends where the input makes no difference; null where a function computes the answer from it. */
  given(task: TaskDefinition): Promise<Outcome | null>
  /** Milliseconds that a try takes. */
  delay(task: string, mapIndex: number): number
}

interface AskedTry {
  readonly task: TaskDefinition
  readonly mapIndex: number
  readonly try: number
  readonly input: unknown
  readonly run: RunFacts
}

/** Reads the circumstances; what does not fit the DAG becomes a mistake. */
export function readScript(dag: DagDefinition, given: Circumstances, mistakes: Mistakes): Script {
  const mocks = tableOf('mocks', given.mocks)
  const fail = tableOf('fail', given.fail)
  const skip = tableOf('skip', given.skip)
  const timeOut = tableOf('timeOut', given.timeOut)
  const delay = tableOf('delay', given.delay)
  const tables = [mocks, fail, skip, timeOut, delay]

  for (const { option, entries } of tables) {
    for (const key of Object.keys(entries)) mistakes.task(dag, splitKey(key).task, option)
  }
  for (const { option, cannot } of [
    { option: fail, cannot: cannotFail },
    { option: skip, cannot: cannotSkip },
    { option: timeOut, cannot: cannotTimeOut },
    { option: mocks, cannot: cannotMock },
  ]) {
    for (const key of Object.keys(option.entries)) {
      const task = dag.tasks.find(({ id }) => id === splitKey(key).task)
      const why = task === undefined ? null : cannot(task)
      if (why !== null)
        mistakes.add('DAG703', `${option.option} names task ${splitKey(key).task}: ${why.why}`, why.hint)
    }
  }
  for (const [key, text] of Object.entries(delay.entries)) {
    if (text !== '0s' && durationSeconds(text) === null)
      mistakes.add(
        'DAG702',
        `the delay of ${key} is ${JSON.stringify(text)}`,
        "write a duration such as '90s' or '2h'",
      )
  }
  for (const [key, answer] of Object.entries(mocks.entries)) checkMock(dag, key, answer, mistakes)

  const outcomeOf = async ({ task, mapIndex, try: number, input, run }: AskedTry): Promise<Outcome> => {
    const at = [task.id, mapIndex] as const
    const late = find(timeOut.entries, ...at)
    if (late !== undefined && number <= timesOf(late)) return { kind: 'time_out' }
    const failure = find(fail.entries, ...at)
    if (failure !== undefined && number <= timesOf(failure)) return failureOf(task, failure)
    const reason = find(skip.entries, ...at)
    if (reason !== undefined) {
      return { kind: 'skip', reason: reason === '' ? 'the simulation says so' : reason }
    }
    const answer = find(mocks.entries, ...at)
    if (answer === undefined) return standard(task)
    const call = { task: task.id, mapIndex, try: number, run }
    const given = typeof answer === 'function' ? await answer(input as never, call) : nth(answer, number)
    return readAnswer(task, given, `mock of task ${task.id}`)
  }

  return {
    has: (task) =>
      tables.some(({ entries }) => Object.keys(entries).some((key) => splitKey(key).task === task)),
    delay: (task, mapIndex) => (durationSeconds(find(delay.entries, task, mapIndex)) ?? 0) * 1000,
    outcome: outcomeOf,
    given: async (task) =>
      typeof find(mocks.entries, task.id, 0) === 'function'
        ? null
        : outcomeOf({ task, mapIndex: 0, try: 1, input: undefined, run: noRun }),
  }
}

/** For answers that do not depend on the run. */
const noRun: RunFacts = { run_id: '', logical_date: '', interval_start: '', interval_end: '', params: {} }

/** `load/3` is the instance of task `load` at position 3 of its list. */
function splitKey(key: string): { readonly task: string; readonly mapIndex: number | null } {
  const [, task = key, index] = /^(.+)\/(\d+)$/.exec(key) ?? []
  return { task, mapIndex: index === undefined ? null : Number(index) }
}

interface Table<T> {
  readonly option: string
  readonly entries: Readonly<Record<string, T>>
}

/** A list of names is a table with nothing said of each. */
function tableOf<T>(
  option: string,
  given: readonly string[] | Readonly<Record<string, T>> | undefined,
): Table<T | ''> {
  const entries: Readonly<Record<string, T | ''>> = isList(given)
    ? Object.fromEntries(given.map((name) => [name, '' as const]))
    : (given ?? {})
  return { option, entries }
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}

/** What is said of one instance wins over what is said of its task. */
function find<T>(entries: Readonly<Record<string, T>>, task: string, mapIndex: number): T | undefined {
  const key = `${task}/${mapIndex}`
  return Object.hasOwn(entries, key) ? entries[key] : Object.hasOwn(entries, task) ? entries[task] : undefined
}

function timesOf(given: '' | number | MockError): number {
  return typeof given === 'number' ? given : Number.POSITIVE_INFINITY
}

function failureOf(task: TaskDefinition, given: '' | number | MockError): Outcome {
  const message = `the simulation lets task ${task.id} fail`
  if (typeof given === 'object') {
    return {
      kind: 'error',
      code: given.code,
      message: given.message ?? message,
      retryable: given.retryable ?? null,
    }
  }
  return { kind: 'error', code: failureCodes[task.kind] ?? 'simulated_failure', message, retryable: true }
}

/** What a failure that may pass looks like where it comes from. */
const failureCodes: Readonly<Partial<Record<TaskDefinition['kind'], string | number>>> = {
  model: 'backendError',
  http: 503,
  sensor: 503,
}

function nth(answer: Exclude<Mock, MockFunction> | '', number: number): unknown {
  return Array.isArray(answer) ? (answer as readonly unknown[])[Math.min(number, answer.length) - 1] : answer
}

interface Cannot {
  readonly why: string
  readonly hint: string
}

/** Nothing outside the workflow is asked: there is nothing that could answer otherwise. */
const inner: Readonly<Partial<Record<TaskDefinition['kind'], Cannot>>> = {
  branch: {
    why: 'the workflow itself chooses',
    hint: 'mock the task whose output it reads, or give other params',
  },
  short_circuit: {
    why: 'the workflow itself decides',
    hint: 'mock the task whose output it reads, or give other params',
  },
  empty: { why: 'it does nothing', hint: 'name one of its upstream tasks' },
}

function cannotMock(task: TaskDefinition): Cannot | null {
  return inner[task.kind] ?? null
}

export function cannotFail(task: TaskDefinition): Cannot | null {
  if (task.kind !== 'approval') return inner[task.kind] ?? null
  return {
    why: 'a person answers it or does not',
    hint: `reject it: mocks: { ${task.id}: { approved: false } }`,
  }
}

export function cannotTimeOut(task: TaskDefinition): Cannot | null {
  return (
    inner[task.kind] ??
    (task.kind === 'trigger' && !task.wait ? { why: 'it does not wait', hint: 'let it fail' } : null)
  )
}

export function cannotSkip(task: TaskDefinition): Cannot | null {
  if (task.kind === 'step') return null
  return (
    inner[task.kind] ?? {
      why: `a task of kind ${task.kind} does not skip itself`,
      hint: 'let a task above it skip, or one that it follows choose otherwise',
    }
  )
}

/** What can be seen before the run: the contract of a typed mock, and answers that are no functions. */
function checkMock(dag: DagDefinition, key: string, given: Mock | '', mistakes: Mistakes): void {
  const task = dag.tasks.find(({ id }) => id === splitKey(key).task)
  if (task === undefined || cannotMock(task) !== null || given === '') return
  const contract = typeof given === 'object' || typeof given === 'function' ? contractOf(given) : null
  if (contract !== null && (task.kind !== 'step' || task.contract.name !== contract.name)) {
    const runs = task.kind === 'step' ? `step ${task.contract.name}` : `no step but is a ${task.kind}`
    mistakes.add(
      'DAG702',
      `the mock of task ${task.id} is made for step ${contract.name}, and the task runs ${runs}`,
      'give mock(…) the contract that the task runs',
    )
    return
  }
  if (typeof given === 'function') return
  const answers: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (answers.length === 0)
    mistakes.add('DAG702', `the mock of task ${task.id} is an empty list`, 'give one answer a try')
  for (const answer of answers) {
    try {
      readAnswer(task, answer, `mock of task ${task.id}`)
    } catch (error) {
      if (!(error instanceof UnfitAnswer)) throw error
      mistakes.add('DAG702', error.message, error.hint)
    }
  }
}
