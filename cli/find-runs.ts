import type { Clients } from '../deploy/clients.ts'
import { googleFailure } from '../deploy/google-error.ts'
import { labelValue } from '../deploy/labels.ts'
import { workflowName } from '../deploy/resources/workflow.ts'
import { UserError } from '../deploy/user-error.ts'
import { foldRun, shortId } from '../history/fold.ts'
import { duration } from '../history/report/format.ts'
import { runLook } from '../history/report/state.ts'
import type { RunState } from '../history/run-view.ts'
import { listExecutions, type ExecutionRecord } from '../history/service.ts'
import { textTable } from './text-table.ts'

export interface RunLine {
  readonly run_id: string
  readonly dag: string
  readonly state: RunState
  readonly trigger: string
  readonly logical_date: string | null
  readonly started_at: string | null
  readonly duration_ms: number | null
  readonly execution: string
}

export interface RunQuery {
  /** @default all that are deployed */
  readonly dag: string | undefined
  readonly limit: number
  /** Only executions of this run. */
  readonly runId?: string
}

/** Runs of one DAG, or of all that are deployed, newest first. */
export async function findRuns(clients: Clients, query: RunQuery): Promise<RunLine[]> {
  const workflows =
    query.dag === undefined
      ? await deployedWorkflows(clients)
      : [workflowName(clients.environment, query.dag)]
  const { limit, runId } = query
  const filter = runId === undefined ? undefined : `labels.run_id="${labelValue(runId)}"`
  const lists = await Promise.all(workflows.map((name) => listExecutions(clients, name, limit, filter)))
  return lists
    .flat()
    .map(runLineOf)
    .filter((run) => runId === undefined || run.run_id === runId)
    .toSorted((a, b) => (b.started_at ?? '').localeCompare(a.started_at ?? ''))
    .slice(0, query.limit)
}

/** What a list tells of an execution. */
export function runLineOf(execution: ExecutionRecord): RunLine {
  const run = foldRun(execution, [], { manifest: null, sourceMap: null })
  return {
    run_id: run.runId,
    dag: run.dag,
    state: run.state,
    trigger: run.trigger,
    logical_date: run.logicalDate,
    started_at: run.start === null ? null : new Date(run.start).toISOString(),
    duration_ms: run.start === null || run.end === null ? null : run.end - run.start,
    execution: execution.name,
  }
}

/**
 * One run by its run id, or by its execution id or the start of it; the newest where several have the run id, and
 * the newest of all without a name.
 *
 * @throws UserError where there is none
 */
export async function findRun(
  clients: Clients,
  id: string | undefined,
  dag: string | undefined,
): Promise<RunLine> {
  // By its label however old it is; by its execution id, or where labels say less, among the newest.
  const [named] = id?.includes('__') === true ? await findRuns(clients, { dag, limit: 1, runId: id }) : []
  const isMeant = (run: RunLine) =>
    id === undefined || run.run_id === id || shortId(run.execution).startsWith(id)
  const found = named ?? (await findRuns(clients, { dag, limit: 100 })).find(isMeant)
  if (found !== undefined) return found
  throw new UserError('DAG605', id === undefined ? 'there are no runs yet' : `there is no run ${id}`, {
    place: `environment ${clients.environment.name}`,
    hint: id === undefined ? 'start one with `dag trigger <dag>`' : '`dag runs list` shows what there is',
  })
}

/** Runs as lines of text. */
export function runsText(runs: readonly RunLine[]): string {
  return textTable(
    [
      { title: 'run id' },
      { title: 'dag' },
      { title: 'state' },
      { title: 'started' },
      { title: 'time', align: 'right' },
      { title: 'execution' },
    ],
    runs.map((run) => [
      run.run_id,
      run.dag,
      `${runLook[run.state].glyph} ${runLook[run.state].word.toLowerCase()}`,
      run.started_at?.slice(0, 19).replace('T', ' ') ?? '–',
      duration(run.duration_ms),
      shortId(run.execution).slice(0, 8),
    ]),
  )
}

async function deployedWorkflows(clients: Clients): Promise<string[]> {
  const { project, region } = clients.environment
  try {
    const [workflows] = await (
      await clients.workflows()
    ).listWorkflows({ parent: `projects/${project}/locations/${region}` })
    return workflows.flatMap((workflow) => workflow.name ?? [])
  } catch (error) {
    throw new UserError('DAG805', `cannot list workflows: ${googleFailure(error).message}`, {
      place: `environment ${clients.environment.name}`,
      cause: error,
    })
  }
}
