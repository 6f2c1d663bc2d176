import { createHash } from 'node:crypto'
import { wireTable } from './names.ts'
import type { Problem } from './problem.ts'
import { resultTable } from './result-tables.ts'

type Json = Readonly<Record<string, unknown>>

/** A job as it is kept. Times are milliseconds since the epoch. */
export interface Job {
  readonly id: string
  readonly location: string
  /** The resource's `configuration`, defaults filled in. */
  readonly configuration: Json
  readonly state: 'PENDING' | 'RUNNING' | 'DONE'
  readonly createdAt: number
  readonly startedAt?: number
  readonly endedAt?: number
  readonly errorResult?: Problem
  readonly errors?: readonly Problem[]
  /** Whether it is a query with rows to be read. */
  readonly hasRows?: boolean
  /** What the resource's `statistics` says beyond times. */
  readonly statistics: Json
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/Job */
export function jobResource(job: Job, project: string): Json {
  return {
    kind: 'bigquery#job',
    etag: etagOf(job),
    id: `${project}:${job.location}.${job.id}`,
    selfLink: `https://bigquery.googleapis.com/bigquery/v2/projects/${project}/jobs/${job.id}?location=${job.location}`,
    user_email: userEmail(project),
    jobReference: jobReference(job, project),
    configuration: shownConfiguration(job, project),
    status: jobStatus(job),
    statistics: jobStatistics(job),
    jobCreationReason: { code: 'REQUESTED' },
  }
}

/** An entry of `jobs.list`, which repeats the state outside `status`. */
export function jobListEntry(job: Job, project: string, full: boolean): Json {
  const { configuration, ...resource } = jobResource(job, project)
  return {
    ...resource,
    ...(full ? { configuration } : { configuration: { jobType: (configuration as Json)['jobType'] } }),
    state: job.state,
    ...(job.errorResult === undefined ? {} : { errorResult: job.errorResult }),
  }
}

export function jobReference(job: Pick<Job, 'id' | 'location'>, project: string): Json {
  return { projectId: project, jobId: job.id, location: job.location }
}

/**
 * A query without a destination is said to have written its result to a hidden table, and CREATE TABLE AS SELECT to
 * the one that it made.
 */
function shownConfiguration(job: Job, project: string): Json {
  const { id, location, configuration, hasRows } = job
  const query = configuration['query'] as Json | undefined
  if (query === undefined || query['destinationTable'] !== undefined) return configuration
  const { statementType, ddlTargetTable } = (job.statistics['query'] ?? {}) as Json
  const made = statementType === 'CREATE_TABLE_AS_SELECT' ? ddlTargetTable : undefined
  if (made === undefined && hasRows !== true) return configuration
  const destinationTable = made ?? wireTable(resultTable({ id, location }), project)
  return { ...configuration, query: { ...query, destinationTable } }
}

function jobStatus(job: Job): Json {
  return {
    state: job.state,
    ...(job.errorResult === undefined ? {} : { errorResult: job.errorResult }),
    ...(job.errors === undefined || job.errors.length === 0 ? {} : { errors: job.errors }),
  }
}

function jobStatistics(job: Job): Json {
  return {
    creationTime: String(job.createdAt),
    ...(job.startedAt === undefined ? {} : { startTime: String(job.startedAt) }),
    ...(job.endedAt === undefined ? {} : { endTime: String(job.endedAt) }),
    ...(job.startedAt === undefined || job.endedAt === undefined
      ? {}
      : { finalExecutionDurationMs: String(job.endedAt - job.startedAt) }),
    ...job.statistics,
  }
}

/** Who runs every job here. */
export function userEmail(project: string): string {
  return `local@${project}.iam.gserviceaccount.com`
}

export function etagOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64').slice(0, 22)
}
