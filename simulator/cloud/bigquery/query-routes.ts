import { z } from 'zod'
import type { CloudResponse } from '../request.ts'
import { json, readJson, routes } from '../routes.ts'
import { dropNulls, int64, labels, parseValue } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { toWireSchema } from './fields.ts'
import { etagOf, jobReference, type Job } from './job.ts'
import { queryFields, type QueryConfiguration } from './job-config.ts'
import { readTable, type tableReference } from './names.ts'
import { invalid, notFound, refusal } from './problem.ts'
import { checkQuery, runQuery } from './query-job.ts'
import { RequestIds } from './request-ids.ts'
import { readCount, readPage, readPageRequest, readTimestampFormat, type PageRequest } from './results.ts'
import type { JobResult } from './runner.ts'
import { submit } from './submit.ts'

const queryBody = z.strictObject({
  ...queryFields,
  kind: z.unknown().optional(),
  maxResults: z.number().optional(),
  timeoutMs: z.number().optional(),
  dryRun: z.boolean().optional(),
  location: z.string().optional(),
  labels: labels.optional(),
  requestId: z.string().max(36).optional(),
  jobTimeoutMs: int64.optional(),
  /** Whether a short query may go without a job; here every query has one. */
  jobCreationMode: z.string().optional(),
  formatOptions: z
    .strictObject({
      useInt64Timestamp: z.boolean().optional(),
      timestampOutputFormat: z.string().optional(),
    })
    .optional(),
})

/** The service waits so long for a query where the client does not say. */
const defaultTimeoutMs = 10_000

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs: query and getQueryResults. */
export function queryRoutes(context: BigQueryContext) {
  const { project, jobs, runner, clock } = context
  const requests = new RequestIds(clock)
  return routes([
    {
      method: 'GET',
      path: '/projects/{project}/queries/{job}',
      handle: async ({ query }, params) => {
        const job = jobs.get(params.job, query.get('location'))
        const page = readPageRequest(query)
        if (job.configuration['jobType'] !== 'QUERY')
          throw invalid('Cannot retrieve the results of a job that is not a query')
        const waited = await runner.wait(job, readCount(query, 'timeoutMs') ?? defaultTimeoutMs)
        return answer(context, waited, 'bigquery#getQueryResultsResponse', page)
      },
    },
    {
      method: 'POST',
      path: '/projects/{project}/queries',
      handle: async (request) => {
        const body = parseValue(queryBody, dropNulls(readJson(request)), '')
        const { kind: _kind, jobCreationMode: _mode, maxResults, timeoutMs, dryRun, location, ...rest } = body
        const { labels: jobLabels, requestId, jobTimeoutMs, formatOptions, ...query } = rest
        checkQuery(query, project)
        if (dryRun === true) return json(200, await dryQuery(context, query))
        const configuration = {
          query,
          ...(jobLabels === undefined ? {} : { labels: jobLabels }),
          ...(jobTimeoutMs === undefined ? {} : { jobTimeoutMs }),
        }
        const job = await requests.once(requestId, () => submit(context, { configuration, location }))
        const waited = await runner.wait(job, timeoutMs ?? defaultTimeoutMs)
        return answer(context, waited, 'bigquery#queryResponse', {
          start: 0,
          ...(maxResults === undefined ? {} : { max: maxResults }),
          timestamps: readTimestampFormat(formatOptions ?? {}),
        })
      },
    },
  ])
}

/** The state of a query with a page of its rows; a failed one is a refused request. */
async function answer(
  context: BigQueryContext,
  job: Job,
  kind: 'bigquery#queryResponse' | 'bigquery#getQueryResultsResponse',
  page: PageRequest,
): Promise<CloudResponse> {
  const reference = jobReference(job, context.project)
  if (job.state !== 'DONE') return json(200, { kind, jobReference: reference, jobComplete: false })
  if (job.errorResult !== undefined) throw refusal(job.errorResult)
  const { schema, rows } = await openResult(context, job)
  const {
    numDmlAffectedRows,
    totalBytesProcessed = '0',
    totalBytesBilled = '0',
  } = (job.statistics['query'] ?? {}) as {
    readonly numDmlAffectedRows?: string
    readonly totalBytesProcessed?: string
    readonly totalBytesBilled?: string
  }
  try {
    const read = await readPage(rows, schema, page)
    return json(200, {
      kind,
      etag: etagOf([job.id, page]),
      jobReference: reference,
      jobComplete: true,
      cacheHit: false,
      totalBytesProcessed,
      ...(kind === 'bigquery#queryResponse' ? { totalBytesBilled } : {}),
      ...(schema.length === 0 ? {} : { schema: toWireSchema(schema), totalRows: String(rows.count) }),
      ...(read.rows.length === 0 ? {} : { rows: read.rows }),
      ...(read.pageToken === undefined ? {} : { pageToken: read.pageToken }),
      ...(numDmlAffectedRows === undefined ? {} : { numDmlAffectedRows }),
    })
  } finally {
    await rows.close()
  }
}

/** What is left to read of a job: its kept result, which outlives the reader, else the table that it wrote. */
async function openResult(
  { project, runner, warehouse, clock }: BigQueryContext,
  job: Job,
): Promise<JobResult> {
  const close = () => Promise.resolve()
  const kept = runner.result(job)
  if (kept !== undefined) {
    const { schema, rows } = kept
    return { schema, rows: { count: rows.count, read: (start, max) => rows.read(start, max), close } }
  }
  if (job.hasRows !== true) return { schema: [], rows: { count: 0, read: () => Promise.resolve([]), close } }
  const { destinationTable } = job.configuration['query'] as {
    readonly destinationTable?: z.output<typeof tableReference>
  }
  if (destinationTable === undefined)
    throw notFound(`Table of the results of job ${project}:${job.location}.${job.id}`)
  return warehouse.readTable(readTable(destinationTable, project), clock.now())
}

async function dryQuery(context: BigQueryContext, configuration: QueryConfiguration) {
  const { query, statistics } = await runQuery(context, configuration, { dryRun: true })
  await query.rows.close()
  return {
    kind: 'bigquery#queryResponse',
    jobComplete: true,
    cacheHit: false,
    totalBytesProcessed: statistics['totalBytesProcessed'],
    schema: toWireSchema(query.schema),
    jobReference: { projectId: context.project, location: 'US' },
  }
}
