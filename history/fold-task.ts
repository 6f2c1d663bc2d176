import type { ManifestTask } from '../artifact/manifest.ts'
import { errorOf } from './error.ts'
import { isMap } from './map.ts'
import { readableReason } from './reason.ts'
import type { RunState, TaskError, TaskState, TaskView, TryView } from './run-view.ts'
import type { StepRecord } from './service.ts'

export type TaskFacts = Pick<ManifestTask, 'id' | 'kind' | 'group' | 'upstream' | 'runs' | 'writes'> & {
  readonly routine: string
  readonly at: string | null
}

/** Steps of a task's subworkflow that return, and the state that each stands for. docs/architecture.md, "Compiled YAML" */
const returning: Readonly<Record<string, TaskState>> = {
  succeeded: 'success',
  failed: 'failed',
  skipped: 'skipped',
  upstream_failed: 'upstream_failed',
  upstream_skipped: 'skipped',
}

/** The step that begins a try. */
const beginning = 'next_try'

/** Entries of blocks inside a step: they end with what stands in them, and say nothing of their own. */
const blocks = new Set(['STEP_TRY_RETRY_EXCEPT', 'STEP_TRY', 'STEP_RETRY', 'STEP_EXCEPT', 'STEP_CONDITION'])

/**
 * Folds the entries of a task's subworkflow. `call` is the entry of the step in `main` that calls it; its variables
 * hold the task's result.
 */
export function foldTask(
  task: TaskFacts,
  entries: readonly StepRecord[],
  call: StepRecord | undefined,
  run: RunState,
): TaskView {
  const final = entries.findLast((entry) => entry.step in returning && entry.stepType === 'STEP_RETURN')
  const crashed = final === undefined && call?.state === 'STATE_FAILED'
  const state = stateOf(entries, final, crashed, run)
  const tries = triesOf(entries, state)
  const result = resultOf(task.id, call, final)
  const start = timeOf(entries[0]?.createTime)
  const end = state === 'running' || state === 'none' ? null : lastTime(entries)
  return {
    id: task.id,
    kind: task.kind,
    group: task.group,
    upstream: task.upstream,
    runs: task.runs,
    writes: task.writes,
    state,
    tries,
    start,
    end,
    durationMs: start === null || end === null ? null : end - start,
    input: variableOf(entries, 'input'),
    output: state === 'success' ? result['output'] : undefined,
    reason: typeof result['reason'] === 'string' ? readableReason(result['reason']) : null,
    error: state === 'failed' ? failureOf(result, tries, call, run) : null,
    at: task.at,
  }
}

function stateOf(
  entries: readonly StepRecord[],
  final: StepRecord | undefined,
  crashed: boolean,
  run: RunState,
): TaskState {
  if (final !== undefined) return returning[final.step] ?? 'none'
  if (entries.length === 0) return 'none'
  return crashed || (run !== 'running' && run !== 'queued') ? 'failed' : 'running'
}

function triesOf(entries: readonly StepRecord[], task: TaskState): TryView[] {
  const steps = entries.filter((entry) => !blocks.has(entry.stepType) && !(entry.step in returning))
  const starts = steps.filter((entry) => entry.step === beginning)
  return starts.map((first, index) => {
    const next = starts[index + 1]
    const own = steps.filter(
      (entry) => entry.entryId >= first.entryId && (next === undefined || entry.entryId < next.entryId),
    )
    // A failed container may have written why it failed, and a later step of the try raises that: the last word counts.
    const last = own.at(-1)
    const raised = last?.state === 'STATE_FAILED'
    const state =
      next !== undefined || raised || task === 'failed'
        ? 'failed'
        : task === 'running'
          ? 'running'
          : 'success'
    const failure = state === 'failed' ? own.findLast((entry) => entry.exception !== undefined) : undefined
    return {
      start: Date.parse(first.createTime),
      end: state === 'running' ? null : lastTime(own),
      state,
      error: errorOf(failure?.exception?.payload),
    }
  })
}

/** What the task returned: kept by `main` in `result_<id>`, or still in scope where the task returns. */
function resultOf(
  id: string,
  call: StepRecord | undefined,
  final: StepRecord | undefined,
): Readonly<Record<string, unknown>> {
  const kept = call?.variableData?.variables[`result_${id}`]
  if (isMap(kept)) return kept
  return final?.variableData?.variables ?? {}
}

function failureOf(
  result: Readonly<Record<string, unknown>>,
  tries: readonly TryView[],
  call: StepRecord | undefined,
  run: RunState,
): TaskError {
  return (
    errorOf(result['error']) ??
    tries.at(-1)?.error ??
    errorOf(call?.exception?.payload) ?? {
      code: null,
      message: run === 'cancelled' ? 'the run was cancelled' : 'the run ended while the task was running',
    }
  )
}

function variableOf(entries: readonly StepRecord[], name: string): unknown {
  return entries.find((entry) => entry.variableData && name in entry.variableData.variables)?.variableData
    ?.variables[name]
}

function lastTime(entries: readonly StepRecord[]): number | null {
  const times = entries.map((entry) => Date.parse(entry.updateTime ?? entry.createTime))
  return times.length === 0 ? null : Math.max(...times)
}

function timeOf(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text)
}
