import { ApiError, json, readJson, routes } from '../routes.ts'
import { requestedGrants } from './acl.ts'
import { lockRetention, newSettings, patchSettings, replaceSettings } from './bucket-settings.ts'
import type { StorageContext } from './context.ts'
import type { Bucket } from './model.ts'
import { checkBucketName } from './names.ts'
import { checkPreconditions, readInteger, readPreconditions } from './preconditions.ts'
import { currentPolicy, policyEtag, policyResource, projectNumber } from './resources.ts'

/** https://cloud.google.com/storage/docs/json_api/v1/buckets */
export function bucketRoutes({ catalog, clock, store, shown }: StorageContext) {
  const resource = (bucket: Bucket, query: URLSearchParams) => json(200, shown.bucket(bucket, query))
  /** The access control lists that a request asks for, with these settings. */
  const lists = (
    query: URLSearchParams,
    body: Readonly<Record<string, unknown>>,
    settings: Bucket['settings'],
  ): Partial<Bucket> => {
    const acl = requestedGrants(query.get('predefinedAcl'), body['acl'], 'bucket', { settings })
    const predefined = query.get('predefinedDefaultObjectAcl')
    const defaultObjectAcl = requestedGrants(predefined, body['defaultObjectAcl'], 'object', { settings })
    return {
      ...(acl === undefined ? {} : { acl }),
      ...(defaultObjectAcl === undefined ? {} : { defaultObjectAcl }),
    }
  }
  const change = (bucket: Bucket, changes: Partial<Bucket>) => {
    const metageneration = bucket.metageneration + 1
    const changed: Bucket = { ...bucket, ...changes, metageneration, updatedAt: clock.now() }
    catalog.commit([{ kind: 'bucket', bucket: changed }])
    return changed
  }
  /** Buckets have no generation to compare; only metagenerations count. */
  const checked = (name: string, query: URLSearchParams) => {
    const bucket = catalog.bucket(name)
    checkPreconditions(readPreconditions(query), { generation: 1, metageneration: bucket.metageneration })
    return bucket
  }
  return routes([
    {
      method: 'POST',
      path: '/b',
      handle: (request) => {
        const body = readJson(request)
        const name = checkBucketName(body['name'])
        if (catalog.findBucket(name) !== undefined) {
          const message = 'Your previous request to create the named bucket succeeded and you already own it.'
          throw new ApiError(409, message, 'conflict')
        }
        const now = clock.now()
        const project = request.query.get('project') ?? ''
        const { project: _, ...settings } = newSettings(body, project, projectNumber(project), now)
        const bucket: Bucket = {
          name,
          metageneration: 1,
          createdAt: now,
          updatedAt: now,
          settings,
          ...lists(request.query, body, settings),
        }
        catalog.commit([{ kind: 'bucket', bucket }])
        return resource(bucket, request.query)
      },
    },
    {
      method: 'GET',
      path: '/b',
      handle: ({ query }) => {
        const max = readInteger(query, 'maxResults') ?? 1000
        const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString()
        const matching = catalog
          .buckets()
          .filter(({ name }) => name > after && name.startsWith(query.get('prefix') ?? ''))
        const page = matching.slice(0, max)
        const last = page.at(-1)
        return json(200, {
          kind: 'storage#buckets',
          ...(page.length === 0 ? {} : { items: page.map((bucket) => shown.bucket(bucket, query)) }),
          ...(last === undefined || matching.length <= max
            ? {}
            : { nextPageToken: Buffer.from(last.name).toString('base64url') }),
        })
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}',
      handle: ({ query }, params) => resource(checked(params.bucket, query), query),
    },
    {
      method: 'PATCH',
      path: '/b/{bucket}',
      handle: (request, params) => {
        const bucket = checked(params.bucket, request.query)
        const body = readJson(request)
        const settings = patchSettings(bucket.settings, body, clock.now())
        const changed = change(bucket, { settings, ...lists(request.query, body, settings) })
        return resource(changed, request.query)
      },
    },
    {
      method: 'PUT',
      path: '/b/{bucket}',
      handle: (request, params) => {
        const bucket = checked(params.bucket, request.query)
        const body = readJson(request)
        const settings = replaceSettings(bucket.settings, body, clock.now())
        const changed = change(bucket, { settings, ...lists(request.query, body, settings) })
        return resource(changed, request.query)
      },
    },
    {
      method: 'DELETE',
      path: '/b/{bucket}',
      handle: ({ query }, params) => {
        const bucket = checked(params.bucket, query)
        if (catalog.names(bucket.name).length > 0)
          throw new ApiError(409, 'The bucket you tried to delete is not empty.', 'conflict')
        const view = catalog.softDeleted(bucket.name)
        const restorable = view.names(bucket.name).flatMap((object) => view.versions(bucket.name, object))
        store.purge(restorable, bucket.name)
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      path: '/b/{bucket}/lockRetentionPolicy',
      handle: ({ query }, params) => {
        if (query.get('ifMetagenerationMatch') === null)
          throw new ApiError(400, 'Required parameter: ifMetagenerationMatch', 'required')
        const bucket = checked(params.bucket, query)
        return resource(change(bucket, { settings: lockRetention(bucket.settings) }), query)
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}/storageLayout',
      handle: (_, params) => {
        const { name, settings } = catalog.bucket(params.bucket)
        const { location, locationType } = settings
        const hierarchicalNamespace = { enabled: false }
        return json(200, {
          kind: 'storage#storageLayout',
          bucket: name,
          location,
          locationType,
          hierarchicalNamespace,
        })
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}/managedFolders',
      // There are none; `gcloud storage rm -r` looks before it deletes a bucket.
      handle: (_, params) => {
        catalog.bucket(params.bucket)
        return json(200, { kind: 'storage#managedFolders' })
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}/notificationConfigs',
      // Nothing is ever notified here, and tools look.
      handle: (_, params) => {
        catalog.bucket(params.bucket)
        return json(200, { kind: 'storage#notifications' })
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}/iam',
      handle: (_, params) => json(200, policyResource(catalog.bucket(params.bucket))),
    },
    {
      method: 'PUT',
      path: '/b/{bucket}/iam',
      handle: (request, params) => {
        const bucket = catalog.bucket(params.bucket)
        const { bindings = [], version = 1, etag } = readJson(request)
        const before = currentPolicy(bucket)
        if (typeof etag === 'string' && etag !== '' && etag !== policyEtag(before))
          throw new ApiError(412, 'Precondition Failed: the policy has changed since it was read.')
        if (!Array.isArray(bindings)) throw new ApiError(400, 'Invalid value for bindings', 'invalid')
        const policy = { version: Number(version), bindings, revision: before.revision + 1 }
        return json(200, policyResource(change(bucket, { policy })))
      },
    },
    {
      method: 'GET',
      path: '/b/{bucket}/iam/testPermissions',
      // Nothing is forbidden here: there are no identities to tell apart.
      handle: ({ query }, params) => {
        catalog.bucket(params.bucket)
        const permissions = query.getAll('permissions')
        return json(200, { kind: 'storage#testIamPermissionsResponse', permissions })
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/serviceAccount',
      handle: (_, params) =>
        json(200, {
          kind: 'storage#serviceAccount',
          email_address: `service-${projectNumber(params.project)}@gs-project-accounts.iam.gserviceaccount.com`,
        }),
    },
  ])
}
