import { json, readJson, routes } from '../routes.ts'
import type { BigQueryContext } from './context.ts'
import { etagOf, jobListEntry, jobResource, type Job } from './job.ts'
import { keyOf } from './job-store.ts'
import { invalid } from './problem.ts'
import { readCount } from './results.ts'
import { readSubmission, submit } from './submit.ts'

/** Small jobs are often done when the answer leaves, which saves their client a poll. */
const insertGraceMs = 50

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs: all but the results of queries. */
export function jobRoutes(context: BigQueryContext) {
  const { project, jobs, runner } = context
  const resource = (job: Job) => json(200, jobResource(job, project))
  return routes([
    {
      method: 'POST',
      path: '/projects/{project}/jobs',
      handle: async (request) => {
        const job = await submit(context, readSubmission(readJson(request), project))
        if (job.configuration['dryRun'] === true) return resource(job)
        const waited = await runner.wait(job, insertGraceMs)
        // Errors are always learnt of by polling: clients take them in this answer for a refused request.
        return resource(waited.errors === undefined ? waited : job)
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
  ])
}

function listJobs(all: readonly Job[], query: URLSearchParams, project: string) {
  const states = query.getAll('stateFilter').map((state) => state.toUpperCase())
  const from = readCount(query, 'minCreationTime') ?? 0
  const to = readCount(query, 'maxCreationTime') ?? Infinity
  const max = readCount(query, 'maxResults') ?? 50
  // Statements of a script are listed with their script only.
  const parent = query.get('parentJobId') || undefined
  const matching = all.filter(
    ({ state, createdAt, statistics }) =>
      statistics['parentJobId'] === parent &&
      (states.length === 0 || states.includes(state)) &&
      createdAt >= from &&
      createdAt <= to,
  )
  const last = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString()
  const start = last === '' ? 0 : matching.findIndex((job) => keyOf(job) === last) + 1
  const page = matching.slice(start, start + max)
  const end = page.at(-1)
  const full = query.get('projection')?.toLowerCase() === 'full'
  return {
    kind: 'bigquery#jobList',
    etag: etagOf(page),
    ...(end !== undefined && start + max < matching.length
      ? { nextPageToken: Buffer.from(keyOf(end)).toString('base64url') }
      : {}),
    jobs: page.map((job) => jobListEntry(job, project, full)),
  }
}
