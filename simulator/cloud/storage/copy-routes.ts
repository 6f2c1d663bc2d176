import type { CloudRequest } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { readAttributes } from './attributes.ts'
import type { StorageContext } from './context.ts'
import type { ObjectAttributes, ObjectVersion } from './model.ts'
import { checkObjectName } from './names.ts'
import { checkPreconditions, readInteger, readPreconditions } from './preconditions.ts'
import { objectResource } from './resources.ts'

interface CopyPath {
  readonly bucket: string
  readonly object: string
  readonly toBucket: string
  readonly toObject: string
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects: copy, rewrite, move and compose. */
export function copyRoutes({ catalog, blobs, store, baseUrl }: StorageContext) {
  const copy = (request: CloudRequest, path: CopyPath, move = false): ObjectVersion => {
    const { query } = request
    const source = catalog.object(path.bucket, path.object, readInteger(query, 'sourceGeneration'))
    checkPreconditions(readPreconditions(query, 'Source'), source)
    const name = checkObjectName(path.toObject)
    const attributes = copiedAttributes(source, readJson(request))
    store.hold(source)
    return store.put({
      bucket: path.toBucket,
      name,
      attributes,
      blob: source,
      ...(source.componentCount === undefined ? {} : { componentCount: source.componentCount }),
      preconditions: readPreconditions(query),
      ...(move && name !== source.name ? { replaces: source } : {}),
    })
  }
  return routes([
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/copyTo/b/{toBucket}/o/{toObject}',
      handle: (request, params) => json(200, objectResource(copy(request, params), baseUrl())),
    },
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/rewriteTo/b/{toBucket}/o/{toObject}',
      handle: (request, params) => {
        const copied = copy(request, params)
        return json(200, {
          kind: 'storage#rewriteResponse',
          totalBytesRewritten: String(copied.size),
          objectSize: String(copied.size),
          done: true,
          resource: objectResource(copied, baseUrl()),
        })
      },
    },
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/moveTo/o/{toObject}',
      handle: (request, params) => {
        const moved = copy(request, { ...params, toBucket: params.bucket }, true)
        return json(200, objectResource(moved, baseUrl()))
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
          const attributes = readAttributes(destination as Readonly<Record<string, unknown>>)
          const contentType = attributes.contentType ?? sources[0]?.attributes.contentType
          const name = checkObjectName(params.object)
          // A composed object has no MD5: the service never reads its content as a whole.
          const { md5: _, ...blob } = await blobs.write(Buffer.concat(parts))
          const composed = store.put({
            bucket: params.bucket,
            name,
            attributes: { ...attributes, ...(contentType === undefined ? {} : { contentType }) },
            blob,
            componentCount: sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0),
            preconditions: readPreconditions(request.query),
          })
          return json(200, objectResource(composed, baseUrl()))
        } finally {
          releases.forEach((release) => release())
        }
      },
    },
  ])
}

/** With a resource in the body its attributes replace the source's; without one they are copied. */
function copiedAttributes(source: ObjectVersion, body: Readonly<Record<string, unknown>>): ObjectAttributes {
  const given = readAttributes(body)
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
      generation: generation === undefined ? undefined : Number(generation),
      generationMatch: match === undefined ? undefined : Number(match),
    }
  })
}
