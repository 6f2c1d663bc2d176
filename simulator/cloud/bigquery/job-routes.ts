import { z } from 'zod'
import type { CloudResponse } from '../request.ts'
import { json, readJson, routes } from '../routes.ts'
import { dropNulls, int64, labels, parseValue } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { toWireSchema } from './fields.ts'
import { etagOf, jobListEntry, jobReference, jobResource, type Job } from './job.ts'
import { queryFields } from './job-config.ts'
import { readTable, type tableReference } from './names.ts'
import { invalid, notFound, refusal } from './problem.ts'
import { checkQuery, runQuery } from './query-job.ts'
import { readCount, readPage, readPageRequest, readTimestampFormat, type PageRequest } from './results.ts'
import type { JobResult } from './runner.ts'
import { readSubmission, submit } from './submit.ts'

const queryBody = z.strictObject({
  ...queryFields,
  kind: z.unknown().optional(),
  maxResults: z.number().nullish(),
  timeoutMs: z.number().nullish(),
  dryRun: z.boolean().nullish(),
  location: z.string().nullish(),
  labels: labels.optional(),
  requestId: z.string().max(36).nullish(),
  jobTimeoutMs: int64.nullish(),
  jobCreationMode: z.string().nullish(),
  formatOptions: z
    .strictObject({
      useInt64Timestamp: z.boolean().nullish(),
      timestampOutputFormat: z.string().nullish(),
    })
    .nullish(),
})

/** The service waits so long for a query where the client does not say. */
const defaultTimeoutMs = 10_000

/** Small jobs are often done when the answer leaves, which saves their client a poll. */
const insertGraceMs = 50

const noRows: JobResult = {
  schema: [],
  rows: { count: 0, read: () => Promise.resolve([]), close: () => Promise.resolve() },
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs */
export function jobRoutes(context: BigQueryContext) {
  const { project, jobs, runner, warehouse, clock } = context
  const requests = new RequestIds(context)

  const resource = (job: Job) => json(200, jobResource(job, project))

  /** `jobs.query` and `jobs.getQueryResults`: a failed job is a refused request. */
  const results = async (
    job: Job,
    kind: 'bigquery#queryResponse' | 'bigquery#getQueryResultsResponse',
    page: PageRequest,
  ): Promise<CloudResponse> => {
    const reference = jobReference(job, project)
    if (job.state !== 'DONE') return json(200, { kind, jobReference: reference, jobComplete: false })
    if (job.errorResult !== undefined) throw refusal(job.errorResult)
    const { result, release } = await openResult(job)
    const { numDmlAffectedRows } = (job.statistics['query'] ?? {}) as { readonly numDmlAffectedRows?: string }
    const { rows, pageToken } = await readPage(result.rows, result.schema, page).finally(release)
    return json(200, {
      kind,
      etag: etagOf([job.id, page]),
      jobReference: reference,
      jobComplete: true,
      cacheHit: false,
      totalBytesProcessed: '0',
      ...(result.schema.length === 0
        ? {}
        : { schema: toWireSchema(result.schema), totalRows: String(result.rows.count) }),
      ...(rows.length === 0 ? {} : { rows }),
      ...(pageToken === undefined ? {} : { pageToken }),
      ...(numDmlAffectedRows === undefined ? {} : { numDmlAffectedRows }),
    })
  }

  /** What is left to read of a job: its kept result, else the table that it wrote. */
  const openResult = async (job: Job): Promise<{ result: JobResult; release: () => Promise<void> }> => {
    const kept = runner.result(job)
    if (kept !== undefined) return { result: kept, release: noRows.rows.close }
    if (job.hasRows !== true) return { result: noRows, release: noRows.rows.close }
    const query = job.configuration['query'] as {
      readonly destinationTable?: z.output<typeof tableReference>
    }
    if (query.destinationTable === undefined)
      throw notFound(`Table of the results of job ${project}:${job.location}.${job.id}`)
    const result = await warehouse.readTable(readTable(query.destinationTable, project), clock.now())
    return { result, release: () => result.rows.close() }
  }

  return routes([
    {
      method: 'POST',
      path: '/projects/{project}/jobs',
      handle: async (request) => {
        const job = await submit(context, readSubmission(readJson(request), project))
        if (job.configuration['dryRun'] === true) return resource(job)
        const waited = await runner.wait(job, insertGraceMs)
        // A failure is always learnt of by polling: clients treat one in this answer as a refused request.
        return resource(waited.errorResult === undefined ? waited : job)
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/jobs',
      handle: ({ query }) => json(200, listJobs(jobs.list(), query, project)),
    },
    {
      method: 'GET',
      path: '/projects/{project}/jobs/{job}',
      handle: ({ query }, params) => resource(jobs.get(params.job, query.get('location'))),
    },
    {
      method: 'POST',
      path: '/projects/{project}/jobs/{job}/cancel',
      handle: ({ query }, params) => {
        const job = jobs.get(params.job, query.get('location'))
        runner.cancel(job)
        return json(200, { kind: 'bigquery#jobCancelResponse', job: jobResource(job, project) })
      },
    },
    {
      method: 'DELETE',
      path: '/projects/{project}/jobs/{job}/delete',
      handle: async ({ query }, params) => {
        const job = jobs.get(params.job, query.get('location'))
        if (job.state !== 'DONE') throw invalid(`Job ${job.id} is still running`)
        await runner.forget(job)
        jobs.delete(job)
        return { status: 204 }
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/queries/{job}',
      handle: async ({ query }, params) => {
        const job = jobs.get(params.job, query.get('location'))
        const page = readPageRequest(query)
        const waited = await runner.wait(job, readCount(query, 'timeoutMs') ?? defaultTimeoutMs)
        if ((waited.configuration['jobType'] ?? 'QUERY') !== 'QUERY')
          throw invalid('Cannot retrieve the results of a job that is not a query')
        return results(waited, 'bigquery#getQueryResultsResponse', page)
      },
    },
    {
      method: 'POST',
      path: '/projects/{project}/queries',
      handle: async (request) => {
        const {
          kind,
          maxResults,
          timeoutMs,
          dryRun,
          location,
          labels: jobLabels,
          ...rest
        } = parseValue(queryBody, dropNulls(readJson(request)), '')
        const { requestId, jobTimeoutMs, jobCreationMode, formatOptions, ...query } = rest
        checkQuery(query, project)
        if (dryRun === true) return json(200, await dryQuery(context, query))
        const configuration = {
          query,
          ...(jobLabels === undefined ? {} : { labels: jobLabels }),
          ...(jobTimeoutMs == null ? {} : { jobTimeoutMs }),
        }
        const job = await requests.once(requestId, () => submit(context, { configuration, location }))
        const waited = await runner.wait(job, timeoutMs ?? defaultTimeoutMs)
        return results(waited, 'bigquery#queryResponse', {
          start: 0,
          ...(maxResults == null ? {} : { max: maxResults }),
          timestamps: readTimestampFormat(formatOptions ?? {}),
        })
      },
    },
  ])
}

async function dryQuery(context: BigQueryContext, configuration: Parameters<typeof runQuery>[1]) {
  const { query } = await runQuery(context, configuration, { dryRun: true })
  await query.rows.close()
  return {
    kind: 'bigquery#queryResponse',
    jobComplete: true,
    cacheHit: false,
    totalBytesProcessed: '0',
    schema: toWireSchema(query.schema),
    jobReference: { projectId: context.project, location: 'US' },
  }
}

function listJobs(all: readonly Job[], query: URLSearchParams, project: string) {
  const states = query.getAll('stateFilter').map((state) => state.toUpperCase())
  const from = readCount(query, 'minCreationTime') ?? 0
  const to = readCount(query, 'maxCreationTime') ?? Infinity
  const start = Number(Buffer.from(query.get('pageToken') ?? '', 'base64url').toString() || 0)
  const max = readCount(query, 'maxResults') ?? 50
  const matching = all.filter(
    (job) =>
      (states.length === 0 || states.includes(job.state)) && job.createdAt >= from && job.createdAt <= to,
  )
  const full = query.get('projection')?.toLowerCase() === 'full'
  const page = matching.slice(start, start + max)
  return {
    kind: 'bigquery#jobList',
    etag: etagOf(page),
    ...(start + max < matching.length
      ? { nextPageToken: Buffer.from(String(start + max)).toString('base64url') }
      : {}),
    jobs: page.map((job) => jobListEntry(job, project, full)),
  }
}

/** `requestId` makes `jobs.query` idempotent for 15 minutes. */
class RequestIds {
  readonly #context: BigQueryContext
  readonly #known = new Map<string, { readonly at: number; readonly job: Promise<Job> }>()

  constructor(context: BigQueryContext) {
    this.#context = context
  }

  once(id: string | null | undefined, start: () => Promise<Job>): Promise<Job> {
    if (id == null || id === '') return start()
    const now = this.#context.clock.now()
    for (const [known, { at }] of this.#known) {
      if (now - at < 15 * 60_000) break
      this.#known.delete(known)
    }
    const before = this.#known.get(id)
    if (before !== undefined) return before.job
    const job = start()
    this.#known.set(id, { at: now, job })
    job.catch(() => this.#known.delete(id))
    return job
  }
}
