import { z } from 'zod'
import type { Manifest, ManifestTask } from '../artifact/manifest.ts'
import type { SourceMap } from '../artifact/map.ts'
import { errorOf } from './error.ts'
import { foldTask, type TaskFacts } from './fold-task.ts'
import type { RunState, RunView } from './run-view.ts'
import type { ExecutionRecord, StepRecord } from './service.ts'

/** What is known of the DAG besides its history; either may be missing. */
export interface Compilation {
  readonly manifest: Manifest | null
  readonly sourceMap: SourceMap | null
}

/** Folds an execution and its step entries to tasks. Everything about the tasks' fate comes from the entries. */
export function foldRun(
  execution: ExecutionRecord,
  entries: readonly StepRecord[],
  known: Compilation,
): RunView {
  const run = runArgument(execution)
  const state = runState(execution.state)
  const dag = known.manifest?.dag ?? execution.labels['dag'] ?? workflowOf(execution.name)
  const byRoutine = groupByRoutine(entries)
  const calls = new Map(
    (byRoutine.get('main') ?? [])
      .filter((entry) => entry.stepType === 'STEP_SUBWORKFLOW_CALL')
      .map((entry) => [entry.step, entry]),
  )
  const tasks = tasksOf(known, byRoutine, calls).map((task) =>
    foldTask(task, byRoutine.get(task.routine) ?? [], calls.get(task.id), state),
  )
  return {
    dag,
    description: known.manifest?.description ?? '',
    runId: run.run_id ?? execution.labels['run_id'] ?? shortId(execution.name),
    trigger: run.trigger ?? execution.labels['trigger'] ?? 'manual',
    state,
    logicalDate: run.logical_date ?? null,
    intervalStart: run.interval_start ?? null,
    intervalEnd: run.interval_end ?? null,
    params: run.params ?? {},
    start: time(execution.startTime ?? execution.createTime),
    end: time(execution.endTime),
    tasks,
    billedSteps: entries.filter((entry) => !blocks.has(entry.stepType)).length,
    execution: execution.name,
    revision: execution.workflowRevisionId ?? null,
    error: execution.error ? errorOf(execution.error.payload ?? execution.error.context) : null,
    at: known.sourceMap === null ? null : `${known.sourceMap.at.file}:${known.sourceMap.at.line}`,
  }
}

/** The last part of an execution's name. */
export function shortId(executionName: string): string {
  return executionName.split('/').at(-1) ?? executionName
}

/** Entries of blocks inside a step, which are not steps of their own. */
const blocks = new Set([
  'STEP_CONDITION',
  'STEP_FOR_ITERATION',
  'STEP_PARALLEL_BRANCH_ENTRY',
  'STEP_TRY',
  'STEP_RETRY',
  'STEP_EXCEPT',
])

const argument = z.object({
  run_id: z.string().optional(),
  trigger: z.string().optional(),
  logical_date: z.string().optional(),
  interval_start: z.string().optional(),
  interval_end: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
})

function runArgument(execution: ExecutionRecord): z.infer<typeof argument> {
  if (execution.argument === undefined) return {}
  const parsed = argument.safeParse(JSON.parse(execution.argument))
  return parsed.success ? parsed.data : {}
}

function runState(state: string): RunState {
  switch (state) {
    case 'SUCCEEDED':
      return 'success'
    case 'FAILED':
    case 'UNAVAILABLE':
      return 'failed'
    case 'CANCELLED':
      return 'cancelled'
    case 'QUEUED':
      return 'queued'
    default:
      return 'running'
  }
}

/** The DAG's tasks; without a manifest those that the history itself names. */
function tasksOf(
  known: Compilation,
  byRoutine: ReadonlyMap<string, readonly StepRecord[]>,
  calls: ReadonlyMap<string, StepRecord>,
): TaskFacts[] {
  const mapped = new Map(known.sourceMap?.tasks.map((task) => [task.id, task]))
  const facts = (task: ManifestTask): TaskFacts => {
    const place = mapped.get(task.id)
    return {
      ...task,
      routine: place?.routine ?? `task_${task.id}`,
      at: place === undefined ? null : `${place.at.file}:${place.at.line}`,
    }
  }
  if (known.manifest !== null) return known.manifest.tasks.map(facts)
  return [...calls.keys()].flatMap((id): TaskFacts[] => {
    const entries = byRoutine.get(`task_${id}`)
    if (entries === undefined) return []
    const kind = entries.some((entry) => entry.step === 'run_model') ? 'model' : 'step'
    return [{ id, kind, group: null, upstream: [], runs: '', writes: [], routine: `task_${id}`, at: null }]
  })
}

function groupByRoutine(entries: readonly StepRecord[]): Map<string, StepRecord[]> {
  const groups = new Map<string, StepRecord[]>()
  for (const entry of entries) {
    const group = groups.get(entry.routine)
    if (group === undefined) groups.set(entry.routine, [entry])
    else group.push(entry)
  }
  return groups
}

function workflowOf(executionName: string): string {
  return executionName.split('/').at(-3) ?? executionName
}

function time(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text)
}
