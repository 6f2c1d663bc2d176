import { defaultGrants, hasUniformAccess } from './acl.ts'
import type { Catalog } from './catalog.ts'
import type { Bucket, Grant, ObjectVersion } from './model.ts'
import { retainedUntil } from './protection.ts'
import { accessControl, bucketResource, objectResource, type AclOwner } from './resources.ts'

type Resource = Readonly<Record<string, unknown>>

/** Resources as a request wants to see them: `projection=full` adds owner and access control lists. */
export interface Projection {
  object(object: ObjectVersion, query: URLSearchParams): Resource
  bucket(bucket: Bucket, query: URLSearchParams): Resource
}

export function createProjection(catalog: Catalog, baseUrl: () => string): Projection {
  const list = (grants: readonly Grant[], owner: AclOwner) =>
    grants.map((grant) => accessControl(grant, owner, baseUrl()))
  const ownerOf = (grants: readonly Grant[]) => {
    const owner = grants.find(({ role }) => role === 'OWNER')
    return owner === undefined ? {} : { owner: { entity: owner.entity } }
  }
  return {
    object: (object, query) => {
      const bucket = catalog.bucket(object.bucket)
      const until = retainedUntil(bucket, object)
      const resource = {
        ...objectResource(object, baseUrl()),
        ...(until === undefined ? {} : { retentionExpirationTime: new Date(until).toISOString() }),
      }
      if (query.get('projection') !== 'full' || hasUniformAccess(bucket)) return resource
      const grants = object.acl ?? defaultGrants('object', bucket)
      const { name, generation } = object
      const owner: AclOwner = { kind: 'object', bucket: bucket.name, name, generation }
      return { ...resource, ...ownerOf(grants), acl: list(grants, owner) }
    },
    bucket: (bucket, query) => {
      const resource = bucketResource(bucket, baseUrl())
      if (query.get('projection') !== 'full' || hasUniformAccess(bucket)) return resource
      const grants = bucket.acl ?? defaultGrants('bucket', bucket)
      const ofNew = bucket.defaultObjectAcl ?? defaultGrants('object', bucket)
      return {
        ...resource,
        ...ownerOf(grants),
        acl: list(grants, { kind: 'bucket', bucket: bucket.name }),
        defaultObjectAcl: list(ofNew, { kind: 'default', bucket: bucket.name }),
      }
    },
  }
}
