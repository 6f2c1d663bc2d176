import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import type { CloudRequest, CloudResponse, CloudService } from '../request.ts'
import { partialResponse } from '../partial.ts'
import { ApiError, apiError } from '../routes.ts'
import { aclRoutes } from './acl-routes.ts'
import { BlobStore } from './blobs.ts'
import { bucketRoutes } from './bucket-routes.ts'
import { Catalog } from './catalog.ts'
import type { StorageContext, Upload } from './context.ts'
import { copyRoutes } from './copy-routes.ts'
import { compileWildcard } from './glob.ts'
import { LifecycleSweeper } from './sweeper.ts'
import type { ObjectAttributes, ObjectVersion } from './model.ts'
import { checkObjectName } from './names.ts'
import { objectRoutes } from './object-routes.ts'
import { createProjection } from './projection.ts'
import { NotModified, type Preconditions } from './preconditions.ts'
import { PartStore } from './part-store.ts'
import { SessionStore } from './sessions.ts'
import { ObjectStore } from './store.ts'
import { xmlRoutes } from './xml-routes.ts'
import { answerBatch } from './batch.ts'
import { uploadRoutes } from './upload-routes.ts'

/** The content of an object version as a file of this machine. */
interface LocalFile {
  readonly path: string
  readonly contentEncoding: string | undefined
  readonly contentType: string | undefined
  readonly generation: number
  readonly size: number
  /** Until this is called the file stays, even when the object is deleted. */
  release(): void
}

/** Cloud Storage, and what load and extract jobs need of it without a detour over HTTP. */
export interface StorageService extends CloudService {
  /** The live version, or with a generation that one; null where there is none. */
  localFile(bucket: string, object: string, generation?: number): Promise<LocalFile | null>
  /** Live objects whose names match a pattern in which `*` stands for any text, in order. Empty where there is no such bucket. */
  matchObjects(bucket: string, pattern: string): readonly ObjectVersion[]
  /** Writes an object; durable when the promise resolves. Throws `ApiError`. */
  writeObject(object: {
    readonly bucket: string
    readonly name: string
    readonly content: { readonly bytes: Uint8Array } | { readonly file: string }
    readonly attributes?: ObjectAttributes
    readonly preconditions?: Preconditions
  }): Promise<ObjectVersion>
}

/** Opens (or creates) the storage folder and serves it as Cloud Storage's JSON API v1. */
export async function createStorageService(options: {
  readonly dir: string
  readonly clock: Clock
  /** Root URL of the server, for the links in resources. */
  readonly baseUrl: () => string
}): Promise<StorageService> {
  await mkdir(options.dir, { recursive: true })
  const catalog = await Catalog.open(join(options.dir, 'journal.jsonl'))
  const blobs = await BlobStore.open(join(options.dir, 'blobs'), catalog.contents())
  const sessions = await SessionStore.open<Upload>(join(options.dir, 'uploads'), options.clock.now())
  const store = new ObjectStore(catalog, blobs, options.clock)
  const baseUrl = () => options.baseUrl().replace(/\/+$/, '')
  const shown = createProjection(catalog, baseUrl)
  const parts = new PartStore<Upload>(join(options.dir, 'parts'))
  const { clock } = options
  const context: StorageContext = { catalog, blobs, store, sessions, parts, clock, shown, baseUrl }
  const sweeper = new LifecycleSweeper(catalog, store, parts, options.clock)
  const uploads = uploadRoutes(context)
  const others = [objectRoutes(context), bucketRoutes(context), copyRoutes(context), aclRoutes(context)]
  const objects = xmlRoutes(context)

  /** Only paths below a bucket that exists: the others may be those of another service. */
  const isInBucket = (path: string) => {
    const first = path.split('/', 2)[1] ?? ''
    return !otherRoots.has(first) && catalog.findBucket(first) !== undefined
  }
  const answer = async (request: CloudRequest, kind: Target['kind']): Promise<CloudResponse | null> => {
    if (kind === 'objects') {
      if (!isInBucket(request.path)) return null
      await sweeper.abandonUploads()
    }
    sweeper.run()
    if (kind === 'batch')
      return answerBatch(request, async (call) => partialResponse(call, (await handle(call)) ?? notFound()))
    if (kind === 'objects') return objects(request)
    for (const route of kind === 'upload' ? [uploads] : others) {
      const response = await route(request)
      if (response !== null) return response
    }
    return null
  }

  const handle = async (request: CloudRequest): Promise<CloudResponse | null> => {
    const target = locate(request)
    try {
      const response = await answer(target.request, target.kind)
      // Nobody is told of a change, by a write or by a read, before it is on disk.
      await catalog.settled()
      if (target.kind === 'objects') return response
      return withoutStatus(response ?? notFound())
    } catch (error) {
      if (error instanceof NotModified) return { status: 304 }
      if (error instanceof ApiError) return withoutStatus(apiError(error.status, error.message, error.detail))
      throw error
    }
  }

  return {
    name: 'storage',
    handle,
    localFile: async (bucket, object, generation) => {
      sweeper.run()
      const version =
        catalog.findBucket(bucket) === undefined ? undefined : catalog.find(bucket, object, generation)
      if (version === undefined) return null
      const release = store.hold(version)
      await catalog.settled()
      const { contentEncoding, contentType } = version.attributes
      const { sha256, size } = version
      return {
        path: blobs.path(sha256),
        contentEncoding,
        contentType,
        generation: version.generation,
        size,
        release,
      }
    },
    matchObjects: (bucket, pattern) => {
      if (catalog.findBucket(bucket) === undefined) return []
      sweeper.run()
      const wildcard = compileWildcard(pattern)
      return catalog.names(bucket).flatMap((name) => {
        const live = wildcard.test(name) ? catalog.find(bucket, name) : undefined
        return live === undefined ? [] : [live]
      })
    },
    writeObject: async ({ bucket, name, content, attributes = {}, preconditions = {} }) => {
      catalog.bucket(bucket)
      checkObjectName(name)
      const blob = 'bytes' in content ? await blobs.write(content.bytes) : await blobs.adopt(content.file)
      const version = store.put({ bucket, name, attributes, preconditions, blob })
      await catalog.settled()
      return version
    },
    close: () => catalog.close(),
  }
}

/** Cloud Storage's errors have no canonical code; tools print what they find, so it must not be there. */
function withoutStatus(response: CloudResponse): CloudResponse {
  if (response.status < 400 || response.body === undefined || !('json' in response.body)) return response
  const { error } = response.body.json as { readonly error: Readonly<Record<string, unknown>> }
  const { status: _, ...rest } = error
  return { ...response, body: { json: { error: rest } } }
}

const prefixes = [
  { prefix: '/storage/v1', kind: 'plain' },
  { prefix: '/download/storage/v1', kind: 'plain' },
  { prefix: '/upload/storage/v1', kind: 'upload' },
  { prefix: '/resumable/upload/storage/v1', kind: 'upload' },
  { prefix: '/batch/storage/v1', kind: 'batch' },
] as const

/** First segments of other services' paths; a bucket of such a name is reached by the JSON API alone. */
const otherRoots = new Set(['bigquery', 'upload', 'resumable', 'projects', 'emulator', 'discovery', 'apis'])

function notFound(): CloudResponse {
  return apiError(404, 'Not Found')
}

interface Target {
  readonly request: CloudRequest
  /** `objects`: those of the XML API, `/bucket/object`. */
  readonly kind: (typeof prefixes)[number]['kind'] | 'objects'
}

/**
 * The request with its path below the API's root. Clients that take STORAGE_EMULATOR_HOST as the API's root send
 * `/b/…` without a prefix.
 */
function locate(request: CloudRequest): Target {
  if (request.path === '/b' || request.path.startsWith('/b/')) return { request, kind: 'plain' }
  for (const { prefix, kind } of prefixes) {
    if (request.path !== prefix && !request.path.startsWith(`${prefix}/`)) continue
    const query = new URLSearchParams(request.query)
    if (prefix.startsWith('/download')) query.set('alt', 'media')
    return { request: { ...request, path: request.path.slice(prefix.length), query }, kind }
  }
  return { request, kind: 'objects' }
}
