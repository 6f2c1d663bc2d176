import type { ManifestTask } from '../artifact/manifest.ts'
import { foldCall, type CallFold } from './fold-call.ts'
import type { Invocation } from './invocations.ts'
import { isMap, type JsonMap } from './map.ts'
import { readableReason, type ReasonContext } from './reason.ts'
import type { InstancesView, InstanceView, RunState, TaskState, TaskView, Waiting } from './run-view.ts'

export type TaskFacts = Pick<
  ManifestTask,
  'id' | 'kind' | 'group' | 'upstream' | 'runs' | 'writes' | 'mapped' | 'triggerRule' | 'message'
> & {
  readonly routine: string
  readonly at: string | null
}

export interface TaskHistory {
  readonly calls: readonly Invocation[]
  /** The task's result, where the calling step or the end of the run tells it. */
  readonly result: JsonMap | null
  /** When the calling step began and ended, in milliseconds; null while it runs. */
  readonly start: number | null
  readonly end: number | null
}

export interface RunFacts {
  readonly runId: string
  readonly state: RunState
  readonly kindOf: ReasonContext['kindOf']
}

const nothing: Invocation = { entries: [], helpers: [] }

/** Folds what the history tells of a task. */
export function foldTask(task: TaskFacts, history: TaskHistory, run: RunFacts): TaskView {
  const context: ReasonContext = { kindOf: run.kindOf, rule: task.triggerRule }
  const reasonOf = ({ state, reason }: JsonMap) => {
    if (state === 'cancelled') return 'the run was cancelled'
    return typeof reason === 'string' && reason !== '' ? readableReason(reason, context) : null
  }
  const mapped = task.mapped === true
  const instances = mapped ? instancesOf(history, run, reasonOf) : null
  const whole = foldCall(mapped ? nothing : (history.calls[0] ?? nothing), history.result, run.state)
  const fold = mapped ? { ...whole, ...wholeOf(whole, history, instances, run.state) } : whole
  const { id, kind, group, upstream, runs, writes, at } = task
  return {
    id,
    kind,
    group,
    upstream,
    runs,
    writes,
    state: fold.state,
    tries: fold.tries,
    start: fold.start,
    end: fold.end,
    durationMs: fold.start === null || fold.end === null ? null : fold.end - fold.start,
    input: fold.input,
    output: fold.state === 'success' ? fold.result['output'] : undefined,
    reason: reasonOf(fold.result),
    error: fold.error,
    at,
    restored: fold.restored,
    decision: decisionOf(kind, fold),
    pokes: kind === 'sensor' ? pokesOf(history.calls[0]) : null,
    waiting: kind === 'approval' ? waitingFor(task, fold.state, instances, history, run) : null,
    instances,
  }
}

/** What a mapped task shows besides its instances. Where a group is mapped, no step of `main` calls its tasks. */
function wholeOf(
  whole: CallFold,
  { start, end, result }: TaskHistory,
  instances: InstancesView | null,
  run: RunState,
): Pick<CallFold, 'state' | 'tries' | 'start' | 'end' | 'error'> {
  const items = instances?.items ?? []
  const began = start ?? earliest(items.map((item) => item.start))
  const open: TaskState = run === 'running' || run === 'queued' ? 'running' : 'failed'
  const left = began === null ? 'none' : run === 'cancelled' ? 'cancelled' : open
  const state = result === null ? left : whole.state
  const failed = items.find((item) => item.state === 'failed')
  const error = failed?.error
    ? { code: failed.error.code, message: `instance ${failed.index}: ${failed.error.message}` }
    : null
  return {
    state,
    tries: [],
    start: began,
    end: state === 'running' || state === 'none' ? null : (end ?? latest(items.map((item) => item.end))),
    error: state === 'failed' ? (error ?? whole.error) : null,
  }
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}

function instancesOf(
  { calls, result }: TaskHistory,
  run: RunFacts,
  reasonOf: (result: JsonMap) => string | null,
): InstancesView {
  const items = calls.map((call, position): InstanceView => {
    const fold = foldCall(call, null, run.state)
    const index = Number(fold.name?.split('/')[1] ?? position)
    const { state, tries, start, end, error, restored } = fold
    return { index, state, tries, start, end, reason: reasonOf(fold.result), error, restored }
  })
  // The result counts those too that the history does not show.
  const told = countsOf(result)
  const counts = told ?? countStates(items)
  const { count } = result ?? {}
  const failedFirst = (item: InstanceView) => (item.state === 'failed' ? 0 : 1)
  return {
    total: typeof count === 'number' ? count : items.length,
    counts,
    items: items.toSorted((a, b) => failedFirst(a) - failedFirst(b) || a.index - b.index),
  }
}

function countsOf(result: JsonMap | null): Readonly<Record<string, number>> | null {
  const counts = result?.['counts']
  if (!isMap(counts)) return null
  const numbers = Object.entries(counts).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  )
  return Object.fromEntries(numbers)
}

function countStates(items: readonly InstanceView[]): Readonly<Partial<Record<TaskState, number>>> {
  const counts: Partial<Record<TaskState, number>> = {}
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function decisionOf(kind: ManifestTask['kind'], { state, result }: CallFold): string | null {
  if (state !== 'success') return null
  if (kind === 'short_circuit') {
    const excludes = result['verdict'] === 'excluded' || includesExcluded(result['for'])
    return excludes ? 'stops what comes after it' : 'lets pass'
  }
  if (kind !== 'branch') return null
  const output = result['output']
  const chosen = isMap(output) && Array.isArray(output['chosen']) ? output['chosen'].map(String) : null
  if (chosen === null) return null
  return chosen.length === 0 ? 'chose nothing' : `chose ${chosen.join(', ')}`
}

function includesExcluded(verdicts: unknown): boolean {
  return isMap(verdicts) && Object.values(verdicts).includes('excluded')
}

/** A look is one step, or a block around one: the block's own entry counts, not those of its parts. */
function pokesOf(call: Invocation | undefined): number {
  return call?.entries.filter(({ step, stepType }) => step === 'look' && !parts.has(stepType)).length ?? 0
}

const parts = new Set(['STEP_TRY', 'STEP_EXCEPT', 'STEP_RETRY'])

/** Of instances the first that waits; the others are asked for when it is answered. */
function waitingFor(
  { id, message }: TaskFacts,
  state: TaskState,
  instances: InstancesView | null,
  { calls }: TaskHistory,
  { runId }: RunFacts,
): Waiting | null {
  const isAsked = calls.some(({ entries }) => entries.some((entry) => entry.step === 'await_callback'))
  const open = instances?.items.find((item) => item.state === 'running')
  if (!isAsked || (instances === null ? state !== 'running' : open === undefined)) return null
  const index = open === undefined || open.index === 0 ? '' : ` --index ${open.index}`
  return { message: message ?? null, command: `dag approve ${runId} ${id}${index}` }
}
