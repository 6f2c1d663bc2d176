import type { protos } from '@google-cloud/run'
import type { Manifest } from '../artifact/manifest.ts'
import type { Clients } from './clients.ts'
import { googleFailure, isNotFound } from './google-error.ts'
import { mapLimited } from './pool.ts'
import { UserError } from './user-error.ts'

interface RunOfDag {
  readonly manifest: Pick<Manifest, 'dag' | 'jobs' | 'tasks'>
  readonly runId: string
  /** When the run began, in milliseconds. */
  readonly since: number
}

/** What a cancelled workflow leaves running: it waits for its jobs, but does not take them along. */
export interface CancelledWork {
  /** Short names of Cloud Run executions. */
  readonly containers: readonly string[]
  /** Ids of BigQuery jobs. */
  readonly queries: readonly string[]
}

/** Cancels the containers and queries of a run that are still at work, and waits for the containers to end. */
export async function cancelWork(clients: Clients, run: RunOfDag): Promise<CancelledWork> {
  try {
    const [containers, queries] = await Promise.all([
      cancelContainers(clients, run),
      cancelQueries(clients, run),
    ])
    return { containers, queries }
  } catch (error) {
    throw new UserError('DAG805', `cannot cancel what the run has started: ${googleFailure(error).message}`, {
      place: `run ${run.runId}`,
      hint: 'run the command again; it goes on with what is left',
      cause: error,
    })
  }
}

async function cancelContainers(clients: Clients, { manifest, runId }: RunOfDag): Promise<string[]> {
  const { project, region } = clients.environment
  const client = await clients.jobExecutions()
  const perJob = await mapLimited(manifest.jobs, 4, async ({ id }) => {
    try {
      const [executions] = await client.listExecutions({
        parent: `projects/${project}/locations/${region}/jobs/${id}`,
      })
      return executions.filter((execution) => !execution.completionTime && isOfRun(execution, runId))
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  })
  const names = perJob.flat().flatMap(({ name }) => name ?? [])
  await mapLimited(names, 8, async (name) => {
    const [operation] = await client.cancelExecution({ name })
    await operation.promise()
  })
  return names.map((name) => name.split('/').at(-1) ?? name)
}

/** The environment of its container says which run an execution belongs to. */
function isOfRun(execution: protos.google.cloud.run.v2.IExecution, runId: string): boolean {
  const variables = execution.template?.containers?.flatMap(({ env }) => env ?? []) ?? []
  const text = variables.find(({ name }) => name === 'DAG_RUN')?.value ?? null
  if (text === null) return false
  try {
    const run: unknown = JSON.parse(text)
    return typeof run === 'object' && run !== null && 'run_id' in run && run.run_id === runId
  } catch {
    return false
  }
}

/** Ids of BigQuery jobs begin with the names of DAG, task and run; docs/architecture.md, "Names". */
async function cancelQueries(clients: Clients, { manifest, runId, since }: RunOfDag): Promise<string[]> {
  if (!manifest.tasks.some(({ kind }) => kind === 'model')) return []
  const bigquery = await clients.bigquery()
  // The workflow's own account has started them.
  const [jobs] = await bigquery.getJobs({
    stateFilter: ['running', 'pending'],
    allUsers: true,
    minCreationTime: String(since),
  })
  const prefixes = manifest.tasks.map(({ id }) => `${manifest.dag}__${id}__`)
  const own = jobs.filter(({ id = '' }) =>
    prefixes.some(
      (prefix) =>
        id.startsWith(prefix) &&
        id
          .slice(prefix.length)
          .replace(/^\d+__/, '')
          .startsWith(`${runId}__`),
    ),
  )
  await mapLimited(own, 8, (job) => job.cancel())
  return own.flatMap(({ id }) => id ?? [])
}
