import type { CloudRequest } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { requestedGrants } from './acl.ts'
import { readAttributes } from './attributes.ts'
import type { StorageContext } from './context.ts'
import type { ObjectAttributes, ObjectVersion } from './model.ts'
import { checkObjectName } from './names.ts'
import { checkPreconditions, readInteger, readPreconditions } from './preconditions.ts'
import { readProgress, rewriteToken } from './rewrite.ts'

interface CopyPath {
  readonly bucket: string
  readonly object: string
  readonly toBucket: string
  readonly toObject: string
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects: copy, rewrite, move and compose. */
export function copyRoutes({ catalog, blobs, store, clock, shown }: StorageContext) {
  const destinationAcl = (query: URLSearchParams, bucket: string, list: unknown) =>
    requestedGrants(query.get('destinationPredefinedAcl'), list, 'object', catalog.bucket(bucket))
  const sourceOf = ({ query }: CloudRequest, path: CopyPath): ObjectVersion => {
    const source = catalog.object(path.bucket, path.object, readInteger(query, 'sourceGeneration'))
    checkPreconditions(readPreconditions(query, 'Source'), source)
    return source
  }
  const copy = (request: CloudRequest, path: CopyPath, move = false): ObjectVersion => {
    const { query } = request
    const source = sourceOf(request, path)
    const body = readJson(request)
    const acl = move ? source.acl : destinationAcl(query, path.toBucket, body['acl'])
    const name = checkObjectName(path.toObject)
    const attributes = copiedAttributes(source, body, clock.now())
    store.hold(source)
    return store.put({
      bucket: path.toBucket,
      name,
      attributes,
      blob: source,
      ...(source.componentCount === undefined ? {} : { componentCount: source.componentCount }),
      ...(acl === undefined ? {} : { acl }),
      preconditions: readPreconditions(query),
      ...(move && name !== source.name ? { replaces: source } : {}),
    })
  }
  return routes([
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/copyTo/b/{toBucket}/o/{toObject}',
      handle: (request, params) => json(200, shown.object(copy(request, params), request.query)),
    },
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/rewriteTo/b/{toBucket}/o/{toObject}',
      handle: (request, params) => {
        const { query } = request
        const source = sourceOf(request, params)
        const { storageClass } = source.attributes
        const wanted = readJson(request)['storageClass'] ?? storageClass
        const from = catalog.bucket(params.bucket).settings['location']
        const far = wanted !== storageClass || from !== catalog.bucket(params.toBucket).settings['location']
        const progress = readProgress(query, source, far)
        if (!progress.done) {
          checkPreconditions(readPreconditions(query), catalog.find(params.toBucket, params.toObject))
          return json(200, {
            kind: 'storage#rewriteResponse',
            totalBytesRewritten: String(progress.bytes),
            objectSize: String(source.size),
            done: false,
            rewriteToken: rewriteToken(source, progress.bytes),
          })
        }
        const copied = copy(request, params)
        return json(200, {
          kind: 'storage#rewriteResponse',
          totalBytesRewritten: String(copied.size),
          objectSize: String(copied.size),
          done: true,
          resource: shown.object(copied, query),
        })
      },
    },
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/moveTo/o/{toObject}',
      handle: (request, params) => {
        const moved = copy(request, { ...params, toBucket: params.bucket }, true)
        return json(200, shown.object(moved, request.query))
      },
    },
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/compose',
      handle: async (request, params) => {
        const { sourceObjects, destination = {} } = readJson(request)
        const sources = readSources(sourceObjects).map(({ name, generation, generationMatch }) => {
          const source = catalog.object(params.bucket, name, generation)
          checkPreconditions(generationMatch === undefined ? {} : { generationMatch }, source)
          return source
        })
        const releases = sources.map((source) => store.hold(source))
        try {
          const parts = await Promise.all(sources.map((source) => blobs.read(source.sha256)))
          const resource = destination as Readonly<Record<string, unknown>>
          const attributes = readAttributes(resource, clock.now())
          const acl = destinationAcl(request.query, params.bucket, resource['acl'])
          const contentType = attributes.contentType ?? sources[0]?.attributes.contentType
          const name = checkObjectName(params.object)
          // A composed object has no MD5: the service never reads its content as a whole.
          const { md5: _, ...blob } = await blobs.write(Buffer.concat(parts))
          const composed = store.put({
            bucket: params.bucket,
            name,
            attributes: { ...attributes, ...(contentType === undefined ? {} : { contentType }) },
            blob,
            ...(acl === undefined ? {} : { acl }),
            componentCount: sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0),
            preconditions: readPreconditions(request.query),
          })
          return json(200, shown.object(composed, request.query))
        } finally {
          releases.forEach((release) => release())
        }
      },
    },
  ])
}

/** With a resource in the body its attributes replace the source's; without one they are copied. */
function copiedAttributes(
  source: ObjectVersion,
  body: Readonly<Record<string, unknown>>,
  now: number,
): ObjectAttributes {
  const given = readAttributes(body, now)
  if (Object.keys(given).length === 0) return source.attributes
  const contentType = given.contentType ?? source.attributes.contentType
  return { ...given, ...(contentType === undefined ? {} : { contentType }) }
}

interface ComposeSource {
  readonly name: string
  readonly generation: number | undefined
  readonly generationMatch: number | undefined
}

function readSources(value: unknown): readonly ComposeSource[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new ApiError(400, 'You must provide at least one source component.', 'required')
  if (value.length > 32)
    throw new ApiError(400, 'The number of source components provided exceeds the maximum (32)', 'invalid')
  return value.map((source: unknown) => {
    const { name, generation, objectPreconditions } = (source ?? {}) as Readonly<Record<string, unknown>>
    const match = (objectPreconditions as Readonly<Record<string, unknown>> | undefined)?.[
      'ifGenerationMatch'
    ]
    return {
      name: checkObjectName(name),
      // Python's client sends null for what it does not ask.
      generation: generation === undefined || generation === null ? undefined : Number(generation),
      generationMatch: match === undefined || match === null ? undefined : Number(match),
    }
  })
}
