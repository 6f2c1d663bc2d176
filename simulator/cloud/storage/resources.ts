import { createHash } from 'node:crypto'
import type { Bucket, Grant, ObjectVersion, Policy } from './model.ts'

/** https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
export function objectResource(object: ObjectVersion, baseUrl: string): Readonly<Record<string, unknown>> {
  const { bucket, name, attributes, generation } = object
  const path = `b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${baseUrl}/storage/v1/${path}`,
    mediaLink: `${baseUrl}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation: String(generation),
    metageneration: String(object.metageneration),
    ...attributes,
    size: String(object.size),
    ...(object.md5 === undefined ? {} : { md5Hash: object.md5 }),
    crc32c: object.crc32c,
    ...(object.componentCount === undefined ? {} : { componentCount: object.componentCount }),
    etag: objectEtag(object),
    timeCreated: time(object.createdAt),
    updated: time(object.updatedAt),
    timeStorageClassUpdated: time(object.createdAt),
    timeFinalized: time(object.createdAt),
    ...(object.noncurrentAt === undefined ? {} : { timeDeleted: time(object.noncurrentAt) }),
    ...(object.softDeleted === undefined
      ? {}
      : { softDeleteTime: time(object.softDeleted.at), hardDeleteTime: time(object.softDeleted.until) }),
  }
}

export function objectEtag(object: ObjectVersion): string {
  return Buffer.from(`${object.generation}/${object.metageneration}`).toString('base64')
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
export function bucketResource(bucket: Bucket, baseUrl: string): Readonly<Record<string, unknown>> {
  return {
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${baseUrl}/storage/v1/b/${encodeURIComponent(bucket.name)}`,
    name: bucket.name,
    ...bucket.settings,
    metageneration: String(bucket.metageneration),
    etag: Buffer.from(String(bucket.metageneration)).toString('base64'),
    timeCreated: time(bucket.createdAt),
    updated: time(bucket.updatedAt),
  }
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets/getIamPolicy */
export function policyResource(bucket: Bucket): Readonly<Record<string, unknown>> {
  const policy = currentPolicy(bucket)
  return {
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${bucket.name}`,
    version: policy.version,
    etag: policyEtag(policy),
    bindings: policy.bindings,
  }
}

/** A bucket without a policy of its own has an empty one: there are no project roles here to inherit. */
export function currentPolicy(bucket: Bucket): Policy {
  return bucket.policy ?? { version: 1, bindings: [], revision: 0 }
}

export function policyEtag(policy: Policy): string {
  return Buffer.from(`policy/${policy.revision}`).toString('base64')
}

/** Stands in for the number that Google gives a project; the same name always has the same one. */
export function projectNumber(project: string): string {
  if (/^\d+$/.test(project)) return project
  const digest = createHash('sha256').update(project).digest()
  return String(100_000_000_000 + (digest.readUIntBE(0, 5) % 900_000_000_000))
}

/** Whose access is controlled: a bucket, the objects that will be made in it, or an object. */
export type AclOwner =
  | { readonly kind: 'bucket'; readonly bucket: string }
  | { readonly kind: 'default'; readonly bucket: string }
  | { readonly kind: 'object'; readonly bucket: string; readonly name: string; readonly generation: number }

/** https://cloud.google.com/storage/docs/json_api/v1/objectAccessControls#resource */
export function accessControl(
  { entity, role }: Grant,
  owner: AclOwner,
  baseUrl: string,
): Readonly<Record<string, unknown>> {
  const kind = owner.kind === 'bucket' ? 'storage#bucketAccessControl' : 'storage#objectAccessControl'
  const [, prefix, rest] = /^(user|group|domain)-(.*)$/.exec(entity) ?? []
  const [, team, projectNumber] = /^project-(owners|editors|viewers)-(.*)$/.exec(entity) ?? []
  const common = {
    kind,
    entity,
    role,
    etag: Buffer.from(`${entity}/${role}`).toString('base64'),
    ...(prefix === undefined ? {} : { [prefix === 'domain' ? 'domain' : 'email']: rest }),
    ...(team === undefined ? {} : { projectTeam: { projectNumber, team } }),
  }
  if (owner.kind === 'default') return common
  const bucketPath = `${baseUrl}/storage/v1/b/${encodeURIComponent(owner.bucket)}`
  if (owner.kind === 'bucket') {
    const id = `${owner.bucket}/${entity}`
    return { ...common, id, selfLink: `${bucketPath}/acl/${entity}`, bucket: owner.bucket }
  }
  return {
    ...common,
    id: `${owner.bucket}/${owner.name}/${owner.generation}/${entity}`,
    selfLink: `${bucketPath}/o/${encodeURIComponent(owner.name)}/acl/${entity}`,
    bucket: owner.bucket,
    object: owner.name,
    generation: String(owner.generation),
  }
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
