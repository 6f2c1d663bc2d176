import { apiError, ApiError, json, readJson, routes } from '../routes.ts'
import { mergeAttributes, readAttributes } from './attributes.ts'
import type { StorageContext } from './context.ts'
import { download } from './download.ts'
import { listObjects } from './listing.ts'
import { checkPreconditions, readInteger, readPreconditions } from './preconditions.ts'
import { objectResource } from './resources.ts'

/** https://cloud.google.com/storage/docs/json_api/v1/objects: reading, changing and deleting. */
export function objectRoutes({ catalog, blobs, store, baseUrl }: StorageContext) {
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
          ...(items.length === 0 ? {} : { items: items.map((item) => objectResource(item, baseUrl())) }),
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
          const object = catalog.object(params.bucket, params.object, readInteger(query, 'generation'))
          checkPreconditions(readPreconditions(query), object)
          if (!media) return json(200, objectResource(object, baseUrl()))
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
      handle: (request, params) => {
        const current = catalog.object(params.bucket, params.object, readInteger(request.query, 'generation'))
        const attributes = mergeAttributes(current.attributes, readJson(request))
        const changed = store.update(current, attributes, readPreconditions(request.query))
        return json(200, objectResource(changed, baseUrl()))
      },
    },
    {
      method: 'PUT',
      path: '/b/{bucket}/o/{object}',
      handle: (request, params) => {
        const current = catalog.object(params.bucket, params.object, readInteger(request.query, 'generation'))
        const attributes = readAttributes(readJson(request))
        const changed = store.update(current, attributes, readPreconditions(request.query))
        return json(200, objectResource(changed, baseUrl()))
      },
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
      method: 'GET',
      path: '/b/{bucket}/o/{object}/iam',
      handle: () => apiError(400, 'Objects have no policies of their own here; ask the bucket.', 'invalid'),
    },
  ])
}
