import type { CloudRequest, CloudResponse } from '../request.ts'
import { ApiError, json, readJson, routes } from '../routes.ts'
import { defaultGrants, hasUniformAccess, readGrant, uniformAccess, withGrant, type AclKind } from './acl.ts'
import type { StorageContext } from './context.ts'
import type { Bucket, Grant } from './model.ts'
import { checkPreconditions, readInteger, readPreconditions } from './preconditions.ts'
import { accessControl, type AclOwner } from './resources.ts'

/** A list that can be read and replaced. */
interface Holder {
  readonly kind: AclKind
  readonly grants: readonly Grant[]
  readonly owner: AclOwner
  replace(grants: readonly Grant[]): void
}

interface Params {
  readonly bucket: string
  readonly object?: string
  readonly entity?: string
}

/** https://cloud.google.com/storage/docs/json_api/v1/objectAccessControls and its two siblings. */
export function aclRoutes({ catalog, clock, store, baseUrl }: StorageContext) {
  const changeBucket = (bucket: Bucket, changes: Partial<Bucket>) => {
    const metageneration = bucket.metageneration + 1
    catalog.commit([
      { kind: 'bucket', bucket: { ...bucket, ...changes, metageneration, updatedAt: clock.now() } },
    ])
  }
  const ofBucket = (_: CloudRequest, params: Params): Holder => {
    const bucket = catalog.bucket(params.bucket)
    return {
      kind: 'bucket',
      grants: bucket.acl ?? defaultGrants('bucket', bucket),
      owner: { kind: 'bucket', bucket: bucket.name },
      replace: (acl) => changeBucket(bucket, { acl }),
    }
  }
  const ofNewObjects = (_: CloudRequest, params: Params): Holder => {
    const bucket = catalog.bucket(params.bucket)
    return {
      kind: 'object',
      grants: bucket.defaultObjectAcl ?? defaultGrants('object', bucket),
      owner: { kind: 'default', bucket: bucket.name },
      replace: (defaultObjectAcl) => changeBucket(bucket, { defaultObjectAcl }),
    }
  }
  const ofObject = ({ query }: CloudRequest, params: Params): Holder => {
    const bucket = catalog.bucket(params.bucket)
    const object = catalog.object(bucket.name, params.object ?? '', readInteger(query, 'generation'))
    checkPreconditions(readPreconditions(query), object)
    const { name, generation } = object
    return {
      kind: 'object',
      grants: object.acl ?? defaultGrants('object', bucket),
      owner: { kind: 'object', bucket: bucket.name, name, generation },
      replace: (acl) => void store.update(object, object.attributes, {}, acl),
    }
  }
  const methods = (find: (request: CloudRequest, params: Params) => Holder) => {
    const holder = (request: CloudRequest, params: Params, verb: 'get' | 'insert' | 'update') => {
      if (hasUniformAccess(catalog.bucket(params.bucket))) throw uniformAccess(verb)
      return find(request, params)
    }
    const shown = (grant: Grant, { owner }: Holder) => accessControl(grant, owner, baseUrl())
    const granted = ({ grants }: Holder, name: string): Grant => {
      const grant = grants.find((other) => other.entity === name)
      if (grant === undefined)
        throw new ApiError(404, 'The specified access control does not exist.', 'notFound')
      return grant
    }
    const set = (request: CloudRequest, params: Params): CloudResponse => {
      const found = holder(request, params, 'update')
      const body = readJson(request)
      const { entity = '' } = params
      const role = body['role'] ?? granted(found, entity).role
      const grant = readGrant({ entity, role }, found.kind)
      found.replace(withGrant(found.grants, grant))
      return json(200, shown(grant, found))
    }
    return {
      list: (request: CloudRequest, params: Params): CloudResponse => {
        const found = holder(request, params, 'get')
        const kind = found.kind === 'bucket' ? 'storage#bucketAccessControls' : 'storage#objectAccessControls'
        return json(200, { kind, items: found.grants.map((grant) => shown(grant, found)) })
      },
      insert: (request: CloudRequest, params: Params): CloudResponse => {
        const found = holder(request, params, 'insert')
        const grant = readGrant(readJson(request), found.kind)
        found.replace(withGrant(found.grants, grant))
        return json(200, shown(grant, found))
      },
      get: (request: CloudRequest, params: Params): CloudResponse => {
        const found = holder(request, params, 'get')
        return json(200, shown(granted(found, params.entity ?? ''), found))
      },
      set,
      remove: (request: CloudRequest, params: Params): CloudResponse => {
        const found = holder(request, params, 'update')
        const grant = granted(found, params.entity ?? '')
        found.replace(found.grants.filter((other) => other !== grant))
        return { status: 204 }
      },
    }
  }
  const bucket = methods(ofBucket)
  const newObjects = methods(ofNewObjects)
  const object = methods(ofObject)
  return routes([
    { method: 'GET', path: '/b/{bucket}/acl', handle: bucket.list },
    { method: 'POST', path: '/b/{bucket}/acl', handle: bucket.insert },
    { method: 'GET', path: '/b/{bucket}/acl/{entity}', handle: bucket.get },
    { method: 'PUT', path: '/b/{bucket}/acl/{entity}', handle: bucket.set },
    { method: 'PATCH', path: '/b/{bucket}/acl/{entity}', handle: bucket.set },
    { method: 'DELETE', path: '/b/{bucket}/acl/{entity}', handle: bucket.remove },
    { method: 'GET', path: '/b/{bucket}/defaultObjectAcl', handle: newObjects.list },
    { method: 'POST', path: '/b/{bucket}/defaultObjectAcl', handle: newObjects.insert },
    { method: 'GET', path: '/b/{bucket}/defaultObjectAcl/{entity}', handle: newObjects.get },
    { method: 'PUT', path: '/b/{bucket}/defaultObjectAcl/{entity}', handle: newObjects.set },
    { method: 'PATCH', path: '/b/{bucket}/defaultObjectAcl/{entity}', handle: newObjects.set },
    { method: 'DELETE', path: '/b/{bucket}/defaultObjectAcl/{entity}', handle: newObjects.remove },
    { method: 'GET', path: '/b/{bucket}/o/{object}/acl', handle: object.list },
    { method: 'POST', path: '/b/{bucket}/o/{object}/acl', handle: object.insert },
    { method: 'GET', path: '/b/{bucket}/o/{object}/acl/{entity}', handle: object.get },
    { method: 'PUT', path: '/b/{bucket}/o/{object}/acl/{entity}', handle: object.set },
    { method: 'PATCH', path: '/b/{bucket}/o/{object}/acl/{entity}', handle: object.set },
    { method: 'DELETE', path: '/b/{bucket}/o/{object}/acl/{entity}', handle: object.remove },
  ])
}
