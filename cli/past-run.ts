import { knownArgument } from '../artifact/known.ts'
import type { Compiled } from '../deploy/compiled.ts'
import type { LastExecution } from '../deploy/last-execution.ts'
import type { RerunPlan } from '../deploy/rerun-plan.ts'
import type { RunMode, RunTrigger } from '../deploy/run-plan.ts'
import { UserError } from '../deploy/user-error.ts'
import type { RunView } from '../history/run-view.ts'
import type { Connection } from './connection.ts'
import type { RunLine } from './find-runs.ts'
import { generatedDag } from './compiled-dags.ts'
import type { RunArgument } from './start-run.ts'

/** A run that has been executed, with what its execution and its ledger tell. */
export interface PastRun {
  readonly line: RunLine
  /** Another execution of the same run that has not ended. */
  readonly active: RunLine | null
  readonly compiled: Compiled
  readonly view: RunView
  readonly states: ReadonlyMap<string, string>
  /** Executions of the same run before it, newest first. */
  readonly earlier: readonly RunLine[]
}

/** Which run an execution was of. */
export type RunFacts = Pick<
  RunView,
  'dag' | 'runId' | 'trigger' | 'logicalDate' | 'intervalStart' | 'intervalEnd' | 'params' | 'execution'
>

/** Finds a run by its run id or execution id; the newest of its executions counts. */
export async function findPastRun(
  connection: Connection,
  id: string | undefined,
  dag: string | undefined,
): Promise<PastRun> {
  const { findRun } = await import('./find-runs.ts')
  return pastRunOf(connection, await findRun(connection.clients, id, dag))
}

/** What is known of an execution. */
export async function pastRunOf({ clients, project, local }: Connection, line: RunLine): Promise<PastRun> {
  const [{ findRuns }, { readRun }] = await Promise.all([
    import('./find-runs.ts'),
    import('../history/read-run.ts'),
  ])
  // What runs on this machine need not have been compiled to files.
  const { freshDag } = await import('./fresh-dags.ts')
  const compiled = await (local === null ? generatedDag : freshDag)(project, line.dag)
  const view = await readRun(clients, line.execution, compiled)
  // Runs that Cloud Scheduler started carry no label: they are among the newest, or nowhere.
  const lists = await Promise.all([
    findRuns(clients, { dag: line.dag, limit: 100, runId: view.runId }),
    findRuns(clients, { dag: line.dag, limit: 100 }),
  ])
  const executions = lists.flat().filter((run) => run.run_id === view.runId)
  const active = executions.find(isActive) ?? null
  const names = [...new Set(executions.map(({ execution }) => execution))]
  const earlier = names
    .slice(names.indexOf(line.execution) + 1)
    .flatMap((name) => executions.find(({ execution }) => execution === name) ?? [])
  const states = new Map(view.tasks.map((task) => [task.id, task.state]))
  return { line, active, compiled, view, states, earlier }
}

export function isActive({ state }: Pick<RunLine, 'state'>): boolean {
  return state === 'running' || state === 'queued'
}

const triggers: readonly RunTrigger[] = ['scheduled', 'backfill', 'triggered']

/** How the last execution of a run left its tasks. */
export function lastExecution({
  view,
  states,
  earlier,
}: Pick<PastRun, 'view' | 'states' | 'earlier'>): LastExecution {
  const instances = view.tasks.flatMap(({ id, instances: ended }) =>
    (ended?.items ?? []).map(({ index, state }) => [`${id}/${index}`, state] as const),
  )
  return { states, instances: new Map(instances), ownLedger: earlier.length === 0 || view.mode !== null }
}

/** The argument that executes a run once more. */
export function argumentAgain(view: RunFacts, mode: RunMode, known: RerunPlan['known']): RunArgument {
  const { runId, trigger, logicalDate, intervalStart, intervalEnd, params } = view
  if (logicalDate === null || intervalStart === null || intervalEnd === null) {
    throw new UserError('DAG608', `the execution does not say which run ${runId} was`, {
      place: view.execution,
      hint: `start it anew with \`dag trigger ${view.dag} --date …\``,
    })
  }
  return {
    run_id: runId,
    trigger: triggers.find((known) => known === trigger) ?? 'manual',
    logical_date: logicalDate,
    interval_start: intervalStart,
    interval_end: intervalEnd,
    params,
    mode,
    ...knownArgument(known),
  }
}

/**
 * Which tasks a rerun leaves as they are, and which it runs; of mapped ones perhaps only some instances, also where the
 * task itself stays: it succeeded although so many of them failed.
 */
export function rerunText(
  tasks: readonly { readonly id: string }[],
  { known, again }: Pick<RerunPlan, 'known' | 'again'>,
  instances: LastExecution['instances'],
): string {
  const kept = indexesOf(Object.keys(known))
  const failed = indexesOf([...instances].flatMap(([name]) => (name in known ? [] : [name])))
  const openOf = (id: string): ReadonlySet<number> => {
    const own = kept.get(id) ?? new Set<number>()
    const below = Array.from({ length: Math.max(0, ...own) }, (_, index) => index)
    return new Set([...below.filter((index) => !own.has(index)), ...(failed.get(id) ?? [])])
  }
  const ids = tasks.map(({ id }) => id).filter((id) => kept.has(id) && !again.includes(id))
  const partly = new Set(ids.filter((id) => openOf(id).size > 0))
  const whole = ids.filter((id) => !partly.has(id))
  const parts = tasks.flatMap(({ id }) => {
    const own = kept.get(id)?.size ?? 0
    if (again.includes(id)) return own > 0 ? `${id} (but for ${own} of its instances)` : id
    return partly.has(id) ? `${id} (${openOf(id).size} of its instances)` : []
  })
  return [...(whole.length > 0 ? [`kept: ${whole.join(', ')}`] : []), `again: ${parts.join(', ')}`].join('; ')
}

/** Indexes by task of what is named `<task>/<index>`. */
function indexesOf(names: readonly string[]): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>()
  for (const name of names) {
    const [id = '', index] = name.split('/')
    const own = found.get(id) ?? new Set<number>()
    found.set(id, own.add(Number(index ?? 0)))
  }
  return found
}
