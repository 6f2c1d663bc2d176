import { randomBytes } from 'node:crypto'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CloudRequest, CloudResponse } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { parseRelated } from '../storage/multipart.ts'
import { readContentRange, type Session, type SessionStore } from '../storage/sessions.ts'
import type { BigQueryContext } from './context.ts'
import { jobResource } from './job.ts'
import { isGzip, type Source } from './load-job.ts'
import { invalid } from './problem.ts'
import { readSubmission, submit } from './submit.ts'

/** A load job whose content is on its way. */
export interface PendingLoad {
  readonly job: Readonly<Record<string, unknown>>
}

/** Load jobs that bring their content: https://cloud.google.com/bigquery/docs/reference/api-uploads */
export function uploadRoutes(
  context: BigQueryContext,
  sessions: SessionStore<PendingLoad>,
  baseUrl: (request: CloudRequest) => string,
) {
  const { project, clock, temporary } = context

  const newFile = () => join(temporary, `upload-${randomBytes(8).toString('hex')}`)

  const load = async (job: unknown, path: string): Promise<CloudResponse> => {
    const remove = () => void rm(path, { force: true }).catch(() => undefined)
    try {
      const submission = readSubmission(job, project)
      if (submission.configuration.load === undefined) throw invalid('Only load jobs take an upload')
      const { size } = await stat(path)
      const file = { path, name: 'the uploaded file', gzip: await isGzip(path) }
      const uploaded: Source = { file, size, release: remove }
      return json(200, jobResource(await submit(context, { ...submission, uploaded }), project))
    } catch (error) {
      remove()
      throw error
    }
  }

  const start = async (request: CloudRequest): Promise<CloudResponse> => {
    const job = readJson(request)
    readSubmission(job, project)
    const session = await sessions.start({ job }, clock.now())
    const path = `/upload/bigquery/v2/projects/${encodeURIComponent(project)}/jobs`
    const location = `${baseUrl(request)}${path}?uploadType=resumable&upload_id=${session.id}`
    return { status: 200, headers: { location, 'x-guploader-uploadid': session.id } }
  }

  const receive = async (request: CloudRequest, session: Session<PendingLoad>): Promise<CloudResponse> => {
    const received = await sessions.received(session.id)
    const range = readContentRange(request.headers['content-range'], request.body.length)
    const from = range.start ?? received
    if (from > received) throw invalid(`The upload has ${received} bytes; ${from} is beyond them.`)
    const fresh = request.body.subarray(received - from)
    await sessions.append(session.id, fresh)
    const size = received + fresh.length
    if (range.total !== size) {
      return { status: 308, headers: size === 0 ? {} : { range: `bytes=0-${size - 1}` } }
    }
    const path = newFile()
    await rename(sessions.part(session.id), path)
    await sessions.remove(session.id)
    return load(session.job, path)
  }

  return routes([
    {
      method: 'POST',
      path: '/projects/{project}/jobs',
      handle: async (request) => {
        const { query, headers, body } = request
        if (query.get('uploadType') === 'resumable') return start(request)
        if (query.get('uploadType') !== 'multipart')
          throw invalid('uploadType must be multipart or resumable', 'uploadType')
        const { resource, content } = parseRelated(headers['content-type'], body)
        const path = newFile()
        await writeFile(path, content)
        return load(resource, path)
      },
    },
    {
      method: 'PUT',
      path: '/projects/{project}/jobs',
      handle: (request) => {
        const id = request.query.get('upload_id') ?? ''
        return sessions.inTurn(id, async () => {
          const session = await sessions.find(id)
          if (session === null) throw new ApiError(404, 'No such upload session.', 'notFound')
          return receive(request, session)
        })
      },
    },
  ])
}
