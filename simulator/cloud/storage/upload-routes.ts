import type { CloudRequest, CloudResponse } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { requestedGrants } from './acl.ts'
import { readAttributes } from './attributes.ts'
import type { Blob } from './blobs.ts'
import { checkContent, readChecksums } from './checksums.ts'
import type { StorageContext, Upload } from './context.ts'
import type { ObjectVersion } from './model.ts'
import { parseRelated } from './multipart.ts'
import { checkObjectName } from './names.ts'
import { checkPreconditions, readPreconditions } from './preconditions.ts'
import { readContentRange, type Session } from './sessions.ts'

type Resource = Readonly<Record<string, unknown>>

/** https://cloud.google.com/storage/docs/uploads-downloads: media, multipart and resumable uploads. */
export function uploadRoutes(context: StorageContext) {
  const { catalog, blobs, sessions, clock, baseUrl, shown } = context

  const upload = (request: CloudRequest, bucket: string, resource: Resource, type?: string): Upload => {
    const { query, headers } = request
    const acl = requestedGrants(query.get('predefinedAcl'), resource['acl'], 'object', catalog.bucket(bucket))
    const given = {
      contentType: type ?? 'application/octet-stream',
      ...(query.get('contentEncoding') === null ? {} : { contentEncoding: query.get('contentEncoding') }),
      ...resource,
    }
    return {
      bucket,
      name: checkObjectName(query.get('name') ?? resource['name']),
      attributes: readAttributes(given, clock.now()),
      ...(acl === undefined ? {} : { acl }),
      preconditions: readPreconditions(query),
      checksums: readChecksums(resource, headers),
    }
  }

  const finish = (target: Upload, blob: Blob, uploadId?: string): ObjectVersion => {
    try {
      checkContent(target.checksums, blob)
    } catch (error) {
      blobs.release(blob.sha256)
      throw error
    }
    const { bucket, name, attributes, preconditions, acl } = target
    const via = { ...(uploadId === undefined ? {} : { uploadId }), ...(acl === undefined ? {} : { acl }) }
    return context.store.put({ bucket, name, attributes, preconditions, blob, ...via })
  }

  const whole = async (
    target: Upload,
    content: Uint8Array,
    { query }: CloudRequest,
  ): Promise<CloudResponse> => {
    // Before the content is written, so that a hopeless upload costs nothing; `put` checks again.
    checkPreconditions(target.preconditions, catalog.find(target.bucket, target.name))
    return json(200, shown.object(finish(target, await blobs.write(content)), query))
  }

  const start = async (request: CloudRequest, bucket: string): Promise<CloudResponse> => {
    const target = upload(request, bucket, readJson(request), request.headers['x-upload-content-type'])
    checkPreconditions(target.preconditions, catalog.find(bucket, target.name))
    const session = await sessions.start(target, clock.now())
    const query = new URLSearchParams({ uploadType: 'resumable', name: target.name, upload_id: session.id })
    const location = `${baseUrl()}/upload/storage/v1${request.path}?${query.toString()}`
    return { status: 200, headers: { location, 'x-guploader-uploadid': session.id } }
  }

  const receive = async (request: CloudRequest, session: Session<Upload>): Promise<CloudResponse> => {
    const received = await sessions.received(session.id)
    const range = readContentRange(request.headers['content-range'], request.body.length)
    const start = range.start ?? received
    if (start > received) {
      const message = `Invalid request. According to the Content-Range header, the upload offset is ${start} byte(s), which exceeds already uploaded size of ${received} byte(s).`
      throw new ApiError(400, message, 'badRequest')
    }
    // A client that did not hear of the last answer sends a part again: what is here already is passed over.
    const fresh = request.body.subarray(received - start)
    const size = received + fresh.length
    if (range.total !== undefined && size > range.total)
      throw new ApiError(400, `Upload of ${size} bytes exceeds the declared ${range.total}.`, 'badRequest')
    if (range.total !== size) {
      if (fresh.length > 0) await sessions.append(session.id, fresh)
      return { status: 308, headers: size === 0 ? {} : { range: `bytes=0-${size - 1}` } }
    }
    const checksums = { ...session.checksums, ...readChecksums({}, request.headers) }
    if (received > 0 && fresh.length > 0) await sessions.append(session.id, fresh)
    const blob = received > 0 ? await blobs.adopt(sessions.part(session.id)) : await blobs.write(fresh)
    try {
      const object = finish({ ...session, checksums }, blob, session.id)
      await catalog.settled()
      return json(200, shown.object(object, request.query))
    } finally {
      await sessions.remove(session.id)
    }
  }

  const resume = async (request: CloudRequest, id: string): Promise<CloudResponse> =>
    sessions.inTurn(id, async () => {
      const session = await sessions.find(id)
      // Asked again by a client that did not hear of its success.
      const done = catalog.uploaded(id, session)
      if (done !== undefined) return json(200, shown.object(done, request.query))
      if (session === null) throw new ApiError(404, 'No such upload session.', 'notFound')
      return receive(request, session)
    })

  return routes([
    {
      method: 'POST',
      path: '/b/{bucket}/o',
      handle: (request, params) => {
        const { query, headers, body } = request
        const id = query.get('upload_id')
        if (id !== null) return resume(request, id)
        switch (query.get('uploadType')) {
          case 'resumable':
            return start(request, params.bucket)
          case 'multipart': {
            const parts = parseRelated(headers['content-type'], body)
            return whole(
              upload(request, params.bucket, parts.resource, parts.contentType),
              parts.content,
              request,
            )
          }
          case 'media':
            return whole(upload(request, params.bucket, {}, headers['content-type']), body, request)
          default:
            throw new ApiError(400, 'uploadType must be media, multipart or resumable.', 'invalid')
        }
      },
    },
    {
      method: 'PUT',
      path: '/b/{bucket}/o',
      handle: (request) => resume(request, request.query.get('upload_id') ?? ''),
    },
    {
      method: 'DELETE',
      path: '/b/{bucket}/o',
      handle: async ({ query }) => {
        await sessions.remove(query.get('upload_id') ?? '')
        return { status: 499 }
      },
    },
  ])
}
