import { z } from 'zod'
import { ApiError } from '../routes.ts'
import { dropNulls, outputOnly, parseValue } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { readCopy, runCopy } from './copy-job.ts'
import { readExtract, runExtract } from './extract-job.ts'
import type { Job } from './job.ts'
import { keyOf } from './job-store.ts'
import { jobConfiguration, type JobConfiguration } from './job-config.ts'
import { checkLoad, runLoad, type Source } from './load-job.ts'
import { checkProject, normalLocation, readDestination } from './names.ts'
import { invalid, notFound, type Problem } from './problem.ts'
import { checkQuery, runQuery } from './query-job.ts'
import type { Outcome } from './runner.ts'

const jobBody = z.strictObject({
  ...outputOnly,
  jobReference: z
    .strictObject({
      projectId: z.string().nullish(),
      jobId: z.string().nullish(),
      location: z.string().nullish(),
    })
    .optional(),
  configuration: jobConfiguration,
  status: z.unknown().optional(),
  statistics: z.unknown().optional(),
  user_email: z.unknown().optional(),
  principal_subject: z.unknown().optional(),
  jobCreationReason: z.unknown().optional(),
})

export interface Submission {
  readonly id?: string | null | undefined
  readonly location?: string | null | undefined
  readonly configuration: JobConfiguration
  /** The configuration as the client wrote it, which is how the job shows it. @default `configuration` */
  readonly written?: Readonly<Record<string, unknown>>
  /** The content of a load job that came by upload. */
  readonly uploaded?: Source
}

/** The submission in the body of `jobs.insert`; throws 400 for what the API or the local warehouse does not know. */
export function readSubmission(body: unknown, project: string): Submission {
  const given = dropNulls(body)
  const { jobReference, configuration } = parseValue(jobBody, given, '')
  checkProject(jobReference?.projectId ?? undefined, project)
  const written = (given as { readonly configuration: Readonly<Record<string, unknown>> }).configuration
  return { id: jobReference?.jobId, location: jobReference?.location, configuration, written }
}

/** Checks and starts a job; gives its state at the start. Throws 400, and 409 where the id is taken. */
export async function submit(context: BigQueryContext, submission: Submission): Promise<Job> {
  const { project, clock, jobs, runner } = context
  const { configuration, uploaded } = submission
  const kinds = (['query', 'load', 'copy', 'extract'] as const).filter(
    (kind) => configuration[kind] !== undefined,
  )
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1)
    throw new ApiError(
      400,
      'Job configuration must contain exactly one job-specific configuration object',
      'invalid',
    )
  check(configuration, project, uploaded !== undefined)
  const given = readId(submission.id)
  const location = await locationOf(context, configuration, submission.location ?? '')
  const job: Job = {
    // Not before the last wait: two jobs at once must not be given the same.
    id: given ?? jobs.nextId(),
    location,
    configuration: { ...(submission.written ?? configuration), jobType: kind.toUpperCase() },
    state: 'PENDING',
    createdAt: clock.now(),
    statistics: {},
  }
  if (configuration.dryRun === true) return dryRun(context, configuration, job)
  runner.start(job, (signal) => run(context, configuration, job, signal, uploaded), {
    timeoutMs: configuration.jobTimeoutMs ?? undefined,
    reads: onlyReads(configuration),
  })
  return job
}

/** A single SELECT into no table; what may be a script is none. */
function onlyReads({ query }: JobConfiguration): boolean {
  if (query === undefined || query.destinationTable !== undefined) return false
  return /^\s*(?:SELECT|WITH)\b[^;]*;?\s*$/i.test(query.query)
}

async function run(
  context: BigQueryContext,
  configuration: JobConfiguration,
  job: Job,
  signal: AbortSignal,
  uploaded: Source | undefined,
): Promise<Outcome> {
  const outcome = await work(context, configuration, job, signal, uploaded)
  const warnings = quotaWarnings(context, configuration, outcome)
  return warnings.length === 0 ? outcome : { ...outcome, errors: [...(outcome.errors ?? []), ...warnings] }
}

async function work(
  context: BigQueryContext,
  { query, load, copy, extract }: JobConfiguration,
  job: Job,
  signal: AbortSignal,
  uploaded: Source | undefined,
): Promise<Outcome> {
  const jobKey = keyOf(job)
  if (query !== undefined) return runQuery(context, query, { dryRun: false, job, signal })
  if (load !== undefined) return runLoad(context, load, { signal, jobKey }, uploaded)
  if (copy !== undefined) return runCopy(context, copy, jobKey)
  if (extract !== undefined) return runExtract(context, extract)
  throw invalid('Job configuration is missing')
}

/** Counts what the job has written; what the service would have refused stands among the errors of a job that succeeded. */
function quotaWarnings(
  { quotas, project }: BigQueryContext,
  { query, load, copy }: JobConfiguration,
  { statistics }: Outcome,
): readonly Problem[] {
  const written = (load ?? copy ?? query)?.destinationTable
  if (written !== undefined) return quotas.noteJob(readDestination(written, project))
  if (query === undefined) return []
  return quotas.noteStatement(query.query, query.defaultDataset?.datasetId, statistics)
}

/** A dry run is answered at once, leaves no job and takes no id; a wrong query is a refused request. */
async function dryRun(context: BigQueryContext, configuration: JobConfiguration, job: Job): Promise<Job> {
  if (configuration.query === undefined) throw invalid('Only query jobs can be dry runs')
  const { statistics, query } = await runQuery(context, configuration.query, { dryRun: true })
  await query.rows.close()
  return { ...job, state: 'DONE', statistics }
}

function check(configuration: JobConfiguration, project: string, uploaded: boolean): void {
  const { query, load, copy, extract } = configuration
  if (query !== undefined) checkQuery(query, project)
  if (load !== undefined) checkLoad(load, project, uploaded)
  if (copy !== undefined) readCopy(copy, project)
  if (extract !== undefined) readExtract(extract, project)
}

/** https://cloud.google.com/bigquery/docs/running-jobs#generate-jobid */
function readId(id: string | null | undefined): string | undefined {
  if (id == null || id === '') return undefined
  if (!/^[\w-]{1,1024}$/.test(id)) throw invalid(`Invalid job ID "${id}".`, 'jobReference.jobId')
  return id
}

/** A job without a location runs where its dataset is; one with a location does not find datasets of another. */
async function locationOf(
  { warehouse, project }: BigQueryContext,
  configuration: JobConfiguration,
  given: string,
): Promise<string> {
  const { query, load, copy, extract } = configuration
  const name =
    query?.destinationTable?.datasetId ??
    query?.defaultDataset?.datasetId ??
    load?.destinationTable.datasetId ??
    copy?.destinationTable.datasetId ??
    extract?.sourceTable.datasetId
  const dataset = name === undefined ? null : await warehouse.getDataset(name)
  const actual = dataset === null ? undefined : normalLocation(dataset.location)
  if (given === '') return actual ?? 'US'
  if (actual !== undefined && actual !== normalLocation(given))
    throw notFound(`Dataset ${project}:${name} was not found in location ${given}`)
  return normalLocation(given)
}
