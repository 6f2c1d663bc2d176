import { errorOf } from './error.ts'
import type { Invocation } from './invocations.ts'
import { isMap, type JsonMap } from './map.ts'
import type { RunState, TaskError, TaskState, TryView } from './run-view.ts'
import type { StepRecord } from './service.ts'

/** One call of a task's subworkflow: the task, or an instance of a mapped one. */
export interface CallFold {
  /** `<task>/<map index>`; null where the history does not show variables. */
  readonly name: string | null
  readonly state: TaskState
  readonly tries: readonly TryView[]
  readonly start: number | null
  readonly end: number | null
  readonly input: unknown
  readonly result: JsonMap
  readonly error: TaskError | null
  readonly restored: boolean
}

/** The step that is entered anew with each try; docs/architecture.md, "Compiled YAML". */
const beginning = 'attempt'

/** Steps around the work of a try. */
const around = new Set([
  beginning,
  'decide',
  'settle',
  'ended',
  'failed',
  'wait',
  'next_try',
  'log_start',
  'task_end',
  'log_end',
  'tell',
  'end_lost',
  'told',
])

/** Hooks that are told how the task ended: `on_failure`, `on_failure_2`. */
const hook = /^on_(failure|success)(_\d+)?$/

/** Entries of blocks inside a step: they end with what stands in them, and say nothing of their own. */
const blocks = new Set(['STEP_TRY_RETRY_EXCEPT', 'STEP_TRY', 'STEP_RETRY', 'STEP_EXCEPT', 'STEP_CONDITION'])

/**
 * Folds a call. `known` is the result where its caller or the run's own end tells; else the returning step does, as far
 * as it can.
 */
export function foldCall({ entries, helpers }: Invocation, known: JsonMap | null, run: RunState): CallFold {
  const result = withOutput(known ?? returned(entries), { entries, helpers })
  const state = stateOf(result, entries, run)
  const tries = triesOf({ entries, helpers }, state)
  const name = variableOf(entries, 'task')
  return {
    name: typeof name === 'string' ? name : null,
    state,
    tries,
    start: timeOf(entries[0]),
    end: state === 'running' || state === 'none' ? null : lastTime(entries),
    input: variableOf(entries, 'input'),
    result: result ?? {},
    error: state === 'failed' ? (errorOf(result?.['error']) ?? tries.at(-1)?.error ?? ended(run)) : null,
    restored: result?.['restored'] === true,
  }
}

/** An output that nothing reads does not leave the task's subworkflow, or `settle`: there it shows. */
function withOutput(result: JsonMap | null, { entries, helpers }: Invocation): JsonMap | null {
  if (result?.['state'] !== 'success' || 'output' in result) return result
  const newest = entries.toReversed()
  const kept = variableOf(newest, 'kept')
  const places = [
    isMap(kept) && isMap(kept['metadata']) ? parsed(String(kept['metadata']['result'])) : null,
    variableOf(newest, 'ended'),
    variableOf(helpers.toReversed(), 'ended'),
    { output: variableOf(newest, 'output') },
  ]
  const output = places
    .map((place) => (isMap(place) ? place['output'] : undefined))
    .find((each) => each !== undefined)
  return output === undefined ? result : { ...result, output }
}

function stateOf(result: JsonMap | null, entries: readonly StepRecord[], run: RunState): TaskState {
  const told = result?.['state']
  if (typeof told === 'string' && isTaskState(told)) return told
  if (entries.length === 0) return 'none'
  if (run === 'running' || run === 'queued') return 'running'
  return run === 'cancelled' ? 'cancelled' : 'failed'
}

const finalStates: ReadonlySet<string> = new Set<TaskState>([
  'success',
  'failed',
  'skipped',
  'upstream_failed',
  'cancelled',
  'none',
])

function isTaskState(text: string): text is TaskState {
  return finalStates.has(text)
}

/** What the last step returned, by the variables that it returned from. */
function returned(entries: readonly StepRecord[]): JsonMap | null {
  const last = entries.findLast((entry) => !blocks.has(entry.stepType))
  if (last === undefined || last.state !== 'STATE_SUCCEEDED') return null
  const { ended: settled, kept, task_result: result } = last.variableData?.variables ?? {}
  if (last.step === 'told') return isMap(result) ? result : null
  if (last.step === 'ended') return isMap(settled) ? settled : null
  if (last.step === 'succeeded_or_skipped') {
    const metadata = isMap(kept) ? kept['metadata'] : null
    const text = isMap(metadata) ? metadata['result'] : null
    return (typeof text === 'string' ? parsed(text) : null) ?? { state: 'success' }
  }
  if (last.stepType !== 'STEP_RETURN') return null
  return last.step.startsWith('succeeded') ? { state: 'success' } : null
}

function triesOf({ entries, helpers }: Invocation, task: TaskState): TryView[] {
  const starts = entries.filter(
    (entry) => entry.step === beginning && entry.stepType === 'STEP_TRY_RETRY_EXCEPT',
  )
  const segments = starts.map((first, index) => {
    const next = starts[index + 1]?.entryId ?? Infinity
    const within = ({ entryId }: StepRecord) => entryId >= first.entryId && entryId < next
    return { own: entries.filter(within), helpers: helpers.filter(within), isLast: next === Infinity }
  })
  return segments.flatMap(({ own, helpers: called, isLast }): TryView[] => {
    const work = own.filter(
      ({ stepType, step }) => !blocks.has(stepType) && !around.has(step) && !hook.test(step),
    )
    const failure = own.find((entry) => entry.step === 'failed')
    if (work.length === 0 && failure === undefined) return []
    const state = tryState(own, failure, isLast, task)
    return [
      {
        start: timeOf(own[0]) ?? 0,
        end: state === 'running' ? null : (lastTime(work) ?? timeOf(failure)),
        state,
        error: state === 'failed' ? tryError(own, work, called) : null,
      },
    ]
  })
}

function tryState(
  own: readonly StepRecord[],
  failure: StepRecord | undefined,
  isLast: boolean,
  task: TaskState,
): TryView['state'] {
  if (!isLast) return 'failed'
  if (failure === undefined) {
    return task === 'running' ? 'running' : task === 'failed' || task === 'cancelled' ? 'failed' : 'success'
  }
  // The container may have written its result before it was lost.
  const settled = variableOf(own.toReversed(), 'ended')
  const late = isMap(settled) ? settled['state'] : undefined
  return late === 'success' || late === 'skipped' ? 'success' : 'failed'
}

/** As the task's own words have it, which also say what a container wrote; else as it was raised. */
function tryError(
  own: readonly StepRecord[],
  work: readonly StepRecord[],
  helpers: readonly StepRecord[],
): TaskError | null {
  const described = errorOf(variableOf(helpers, 'described'))
  if (described !== null) return described
  const settled = variableOf(own.toReversed(), 'ended')
  const told = isMap(settled) ? errorOf(settled['error']) : null
  return told ?? errorOf(work.findLast((entry) => entry.exception !== undefined)?.exception?.payload)
}

function ended(run: RunState): TaskError {
  return {
    code: null,
    message: run === 'cancelled' ? 'the run was cancelled' : 'the run ended while the task was running',
  }
}

function variableOf(entries: readonly StepRecord[], name: string): unknown {
  const shown = entries.find((entry) => (entry.variableData?.variables[name] ?? null) !== null)
  return shown?.variableData?.variables[name]
}

function parsed(text: string): JsonMap | null {
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : null
  } catch {
    return null
  }
}

function lastTime(entries: readonly StepRecord[]): number | null {
  const times = entries.map((entry) => Date.parse(entry.updateTime ?? entry.createTime))
  return times.length === 0 ? null : Math.max(...times)
}

function timeOf(entry: StepRecord | undefined): number | null {
  return entry === undefined ? null : Date.parse(entry.createTime)
}
