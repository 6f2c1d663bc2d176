import type { CloudRequest } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { requestedGrants } from './acl.ts'
import { mergeAttributes, readAttributes } from './attributes.ts'
import type { StorageContext } from './context.ts'
import { download } from './download.ts'
import { listObjects } from './listing.ts'
import type { ObjectAttributes, ObjectVersion } from './model.ts'
import { checkPreconditions, readFlag, readInteger, readPreconditions } from './preconditions.ts'

/** https://cloud.google.com/storage/docs/json_api/v1/objects: reading, changing and deleting. */
export function objectRoutes({ catalog, blobs, store, clock, shown }: StorageContext) {
  /** The live version, the one of a generation, or with `softDeleted` the deleted one of a generation. */
  const find = ({ query }: CloudRequest, bucket: string, name: string): ObjectVersion => {
    const generation = readInteger(query, 'generation')
    if (!readFlag(query, 'softDeleted')) return catalog.object(bucket, name, generation)
    if (generation === undefined) throw new ApiError(400, 'Required parameter: generation', 'required')
    return restorable(bucket, name, generation)
  }
  const restorable = (bucket: string, name: string, generation: number): ObjectVersion => {
    const versions = catalog.softDeleted(bucket).versions(bucket, name)
    const found = versions.find((version) => version.generation === generation)
    if (found === undefined)
      throw new ApiError(404, `No such object: ${bucket}/${name}#${generation}`, 'notFound')
    return found
  }
  const change = (
    request: CloudRequest,
    params: { readonly bucket: string; readonly object: string },
    attributes: (current: ObjectVersion, body: Readonly<Record<string, unknown>>) => ObjectAttributes,
  ) => {
    const { query } = request
    const current = catalog.object(params.bucket, params.object, readInteger(query, 'generation'))
    const body = readJson(request)
    const bucket = catalog.bucket(params.bucket)
    const acl = requestedGrants(query.get('predefinedAcl'), body['acl'], 'object', bucket)
    const changed = store.update(current, attributes(current, body), readPreconditions(query), acl)
    return json(200, shown.object(changed, query))
  }
  return routes([
    {
      method: 'GET',
      path: '/b/{bucket}/o',
      handle: ({ query }, params) => {
        const { items, prefixes, nextPageToken } = listObjects(catalog, params.bucket, query)
        return json(200, {
          kind: 'storage#objects',
          ...(nextPageToken === undefined ? {} : { nextPageToken }),
          ...(prefixes.length === 0 ? {} : { prefixes }),
          ...(items.length === 0 ? {} : { items: items.map((item) => shown.object(item, query)) }),
        })
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}/o/{object}',
      handle: async (request, params) => {
        const { query } = request
        const media = query.get('alt') === 'media'
        try {
          const object = find(request, params.bucket, params.object)
          checkPreconditions(readPreconditions(query), object)
          if (!media) return json(200, shown.object(object, query))
          if (object.softDeleted !== undefined)
            throw new ApiError(400, 'A soft-deleted object has no content; restore it first.', 'invalid')
          const release = store.hold(object)
          return await download(request, object, blobs).finally(release)
        } catch (error) {
          if (!media || !(error instanceof ApiError)) throw error
          // Where content was asked for, the service answers with plain text.
          const headers = { 'content-type': 'text/html; charset=UTF-8' }
          return { status: error.status, headers, body: { bytes: Buffer.from(error.message) } }
        }
      },
    },
    {
      method: 'PATCH',
      path: '/b/{bucket}/o/{object}',
      handle: (request, params) =>
        change(request, params, (current, body) => mergeAttributes(current.attributes, body, clock.now())),
    },
    {
      method: 'PUT',
      path: '/b/{bucket}/o/{object}',
      handle: (request, params) => change(request, params, (_, body) => readAttributes(body, clock.now())),
    },
    {
      method: 'DELETE',
      path: '/b/{bucket}/o/{object}',
      handle: ({ query }, params) => {
        const generation = readInteger(query, 'generation')
        store.delete(params.bucket, params.object, generation, readPreconditions(query))
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      path: '/b/{bucket}/o/{object}/restore',
      handle: ({ query }, params) => {
        const generation = readInteger(query, 'generation')
        if (generation === undefined) throw new ApiError(400, 'Required parameter: generation', 'required')
        const deleted = restorable(params.bucket, params.object, generation)
        const copied = readFlag(query, 'copySourceAcl') ? deleted.acl : undefined
        store.hold(deleted)
        const { bucket, name, attributes } = deleted
        const restored = store.put({
          bucket,
          name,
          attributes,
          blob: deleted,
          ...(deleted.componentCount === undefined ? {} : { componentCount: deleted.componentCount }),
          ...(copied === undefined ? {} : { acl: copied }),
          preconditions: readPreconditions(query),
        })
        return json(200, shown.object(restored, query))
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}/o/{object}/iam/testPermissions',
      handle: ({ query }, params) => {
        catalog.object(params.bucket, params.object, readInteger(query, 'generation'))
        const permissions = query.getAll('permissions')
        return json(200, { kind: 'storage#testIamPermissionsResponse', permissions })
      },
    },
  ])
}
