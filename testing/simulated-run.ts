import type { CompiledDag } from '../compiler/index.ts'
import { z } from '../dsl/index.ts'
import { readRun } from '../history/read-run.ts'
import type { RunView } from '../history/run-view.ts'
import type { Emulator } from '../simulator/emulator.ts'
import { jsonOf, requestOf } from './bucket.ts'
import type { RunFacts } from './mock.ts'
import type { Call } from './outcome.ts'
import { place } from './place.ts'
import type { ToldHook } from './services/hooks.ts'
import { localClients } from './simulated-cloud.ts'

export type TaskState = 'success' | 'failed' | 'skipped' | 'upstream_failed' | 'cancelled'
export type RunState = 'success' | 'failed' | 'cancelled'

/** How a task of a simulated run ended. */
export interface SimulatedTask {
  readonly state: TaskState | 'none'
  /** How often it was tried. */
  readonly tries: number
  /** Undefined where it has none. */
  readonly output: unknown
  /** Why it was skipped, or did not run. */
  readonly reason: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  /** Of a mapped task: how each instance ended, by position; null for other tasks. */
  readonly instances: readonly SimulatedInstance[] | null
  /** Its tries that reached a service, in order. */
  readonly calls: readonly Call[]
}

/** How one instance of a mapped task ended. */
export interface SimulatedInstance {
  readonly index: number
  readonly state: TaskState | 'none'
  readonly tries: number
  readonly reason: string | null
  readonly error: { readonly code: string; readonly message: string } | null
}

/** A simulated run; the same circumstances and the same seed give the same one. */
export interface SimulatedRun {
  readonly dag: string
  readonly runId: string
  /** RFC 3339. */
  readonly logicalDate: string
  readonly state: RunState
  readonly error: { readonly code: string | null; readonly message: string } | null
  readonly tasks: Readonly<Record<string, SimulatedTask>>
  /** Final state of every task. */
  readonly states: Readonly<Record<string, SimulatedTask['state']>>
  /** Outputs of the tasks that have one. */
  readonly outputs: Readonly<Record<string, unknown>>
  /** Every try that reached a service, in order: the timeline of the run. */
  readonly calls: readonly Call[]
  /** The hooks that would have been told, in order, and what. */
  readonly told: readonly ToldHook[]
  /** Virtual milliseconds from start to end. */
  readonly durationMs: number
  /** Workflow steps that the service would bill, polls included. */
  readonly billedSteps: number
  /** Rows of the tables, `dataset.table`, that tasks of the run wrote for real. */
  readonly tables: Readonly<Record<string, number>>
}

export interface EndedRun {
  readonly name: string
  readonly emulator: Emulator
  readonly compiled: CompiledDag
  readonly calls: readonly Call[]
  readonly told: readonly ToldHook[]
  readonly billedSteps: number
  readonly argument: RunFacts
}

/** Reads how a run ended from its execution and its history, as `dag runs show` does. */
export async function simulatedRun(ended: EndedRun): Promise<SimulatedRun> {
  const { name, emulator, compiled, calls, told: hooks, billedSteps, argument } = ended
  const source = { executionsUrl: emulator.url, token: () => Promise.resolve(null) }
  const run = await readRun(source, name, compiled)
  const results = await toldBy(ended)
  const tasks = Object.fromEntries(
    run.tasks.map((task): [string, SimulatedTask] => {
      const result = results[task.id]
      const error = result === undefined ? task.error : (result.error ?? null)
      return [
        task.id,
        {
          state: result?.state ?? (task.state === 'running' ? 'none' : task.state),
          tries: result?.tries ?? task.tries.length,
          output: task.output,
          reason: task.reason ?? result?.reason ?? null,
          error: error === null ? null : { code: String(error.code ?? 'error'), message: error.message },
          instances: instancesOf(task),
          calls: calls.filter((call) => call.task === task.id),
        },
      ]
    }),
  )
  const entries = Object.entries(tasks)
  const real = new Set(calls.flatMap((call) => (call.ended === 'real' ? [call.task] : [])))
  return {
    dag: run.dag,
    runId: run.runId,
    logicalDate: argument.logical_date,
    state: run.state === 'running' || run.state === 'queued' ? 'failed' : run.state,
    error: run.error,
    tasks,
    states: Object.fromEntries(entries.map(([id, { state }]) => [id, state])),
    outputs: Object.fromEntries(
      entries.flatMap(([id, { output }]) => (output === undefined ? [] : [[id, output]])),
    ),
    calls,
    told: hooks,
    durationMs: (run.end ?? 0) - (run.start ?? 0),
    billedSteps,
    tables:
      real.size === 0
        ? {}
        : await rowsOf(ended, { ...run, tasks: run.tasks.filter(({ id }) => real.has(id)) }),
  }
}

function instancesOf({ instances }: RunView['tasks'][number]): readonly SimulatedInstance[] | null {
  if (instances === null) return null
  return instances.items
    .map(({ index, state, tries, reason, error }) => ({
      index,
      state: state === 'running' ? ('none' as const) : state,
      tries: tries.length,
      reason,
      error: error === null ? null : { code: error.code ?? 'error', message: error.message },
    }))
    .toSorted((a, b) => a.index - b.index)
}

const told = z.looseObject({
  tasks: z.record(
    z.string(),
    z.looseObject({
      state: z.enum(['success', 'failed', 'skipped', 'upstream_failed', 'cancelled']),
      tries: z.number().default(0),
      reason: z.string().optional(),
      error: z.looseObject({ code: z.union([z.string(), z.number()]), message: z.string() }).optional(),
    }),
  ),
})

/** What the run itself says of its tasks: its result, or what it raised. Nothing where it was cancelled. */
async function toldBy({ emulator, name }: EndedRun): Promise<z.infer<typeof told>['tasks']> {
  const { result, error } = jsonOf(await emulator.dispatch(requestOf('GET', `/v1/${name}`)))
  const payload =
    typeof result === 'string' ? result : (error as { readonly payload?: string } | undefined)?.payload
  const parsed = told.safeParse(payload === undefined ? null : JSON.parse(payload))
  return parsed.success ? parsed.data.tasks : {}
}

async function rowsOf(
  { emulator, compiled }: EndedRun,
  run: RunView,
): Promise<Readonly<Record<string, number>>> {
  const { countTables } = await import('../history/tables.ts')
  const clients = await localClients(emulator.url)
  try {
    const tables = await countTables(await clients.bigquery(), compiled.manifest, run, place.datasetLocation)
    return Object.fromEntries(tables.map(({ table, rows }) => [table, rows]))
  } finally {
    await clients.close()
  }
}
