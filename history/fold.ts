import { z } from 'zod'
import type { Manifest, ManifestTask } from '../artifact/manifest.ts'
import type { SourceMap } from '../artifact/map.ts'
import { errorOf } from './error.ts'
import { foldTask, type TaskFacts } from './fold-task.ts'
import { invocationsOf } from './invocations.ts'
import { isMap, type JsonMap } from './map.ts'
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
  const run = runArgument(execution, entries)
  const runId = run.run_id ?? execution.labels['run_id'] ?? shortId(execution.name)
  const mode = run.mode ?? null
  const ended = runState(execution.state)
  // Cleaning up behind a cancelled run works, and leaves it cancelled.
  const state = ended === 'success' && outcomeOf(execution)['state'] === 'cancelled' ? 'cancelled' : ended
  const dag = known.manifest?.dag ?? execution.labels['dag'] ?? workflowOf(execution.name)
  const main = entries.filter((entry) => entry.routine === 'main')
  const callSteps = new Map(
    main
      .filter((entry) => entry.stepType === 'STEP_SUBWORKFLOW_CALL')
      .map((entry) => [entry.step, entry] as const),
  )
  const routines = new Set(entries.map((entry) => entry.routine))
  const facts = tasksOf(known, routines, callSteps)
  const own = new Set(facts.map(({ routine }) => routine))
  const calls = invocationsOf(entries, (routine) => own.has(routine))
  const results = finalResults(execution)
  const kinds = new Map(facts.map(({ id, kind }) => [id, kind]))
  const tasks = facts.map((task) => {
    const step = callSteps.get(task.id)
    const history = {
      calls: calls.get(task.routine) ?? [],
      result: resultOf(task.id, step, results),
      start: time(step?.createTime),
      end: time(step?.updateTime),
    }
    return foldTask(task, history, { runId, state: ended, kindOf: (id) => kinds.get(id) })
  })
  return {
    dag,
    description: known.manifest?.description ?? '',
    runId,
    trigger: run.trigger ?? execution.labels['trigger'] ?? 'manual',
    mode,
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
  mode: z.enum(['rerun', 'teardown']).optional(),
})

type Argument = z.infer<typeof argument>

/**
 * The run argument as it was given, completed with what the workflow made of it: a run that Cloud Scheduler, a person or
 * a task of another DAG started gets its dates there.
 */
function runArgument(execution: ExecutionRecord, entries: readonly StepRecord[]): Argument {
  const given = execution.argument === undefined ? {} : argumentOf(parsed(execution.argument))
  if (given.run_id !== undefined && given.interval_end !== undefined) return given
  const told = entries.find(
    ({ routine, variableData }) => routine === 'main' && isMap(variableData?.variables['run']),
  )
  const run = argumentOf(told?.variableData?.variables['run'])
  return { ...argumentOf(outcomeOf(execution)), ...run, ...given }
}

function argumentOf(value: unknown): Argument {
  const result = argument.safeParse(value)
  return result.success ? result.data : {}
}

/** What a run that has ended returned or raised; docs/architecture.md, "Compiled YAML". */
function outcomeOf({ result, error }: ExecutionRecord): JsonMap {
  const value = parsed(result ?? error?.payload ?? 'null')
  return isMap(value) ? value : {}
}

function finalResults(execution: ExecutionRecord): JsonMap {
  const { tasks } = outcomeOf(execution)
  return isMap(tasks) ? tasks : {}
}

/** The result that `main` keeps in `result_<id>`, which shows in the history; else what the run's end tells of it. */
function resultOf(id: string, step: StepRecord | undefined, results: JsonMap): JsonMap | null {
  const kept = step?.state === 'STATE_SUCCEEDED' ? step.variableData?.variables[`result_${id}`] : null
  if (isMap(kept)) return kept
  const final = results[id]
  return isMap(final) ? final : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
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
  routines: ReadonlySet<string>,
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
    const routine = `task_${id}`
    if (!routines.has(routine)) return []
    return [{ id, kind: 'step', group: null, upstream: [], runs: '', writes: [], routine, at: null }]
  })
}

function workflowOf(executionName: string): string {
  return executionName.split('/').at(-3) ?? executionName
}

function time(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text)
}
