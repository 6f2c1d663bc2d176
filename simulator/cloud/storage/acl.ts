import { ApiError } from '../errors.ts'
import type { Bucket, Grant } from './model.ts'
import { projectNumber } from './resources.ts'

/** What an access control list belongs to; the two have roles and predefined lists of their own. */
export type AclKind = 'bucket' | 'object'

const roles: Readonly<Record<AclKind, readonly string[]>> = {
  bucket: ['READER', 'WRITER', 'OWNER'],
  object: ['READER', 'OWNER'],
}

const entity =
  /^(allUsers|allAuthenticatedUsers|(user|group|domain)-\S+|project-(owners|editors|viewers)-[\w.:-]+)$/

/** An access control as a writer sends it. Throws 400. */
export function readGrant(value: unknown, kind: AclKind): Grant {
  const grant = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof grant['entity'] !== 'string') throw new ApiError(400, 'Required', 'required')
  if (!entity.test(grant['entity'])) throw new ApiError(400, `Invalid entity: ${grant['entity']}`, 'invalid')
  if (!roles[kind].includes(grant['role'] as string))
    throw new ApiError(400, `Invalid value for role: ${JSON.stringify(grant['role'])}`, 'invalid')
  return { entity: grant['entity'], role: grant['role'] as string }
}

/** A whole list; the last of two for one entity counts. */
function readGrants(value: unknown, kind: AclKind): readonly Grant[] {
  if (!Array.isArray(value)) throw new ApiError(400, 'An access control list must be a list.', 'invalid')
  return value.reduce<readonly Grant[]>((list, grant) => withGrant(list, readGrant(grant, kind)), [])
}

export function withGrant(list: readonly Grant[], grant: Grant): readonly Grant[] {
  return [...list.filter((other) => other.entity !== grant.entity), grant]
}

/**
 * The list that a request asks for: a predefined one goes before one in the resource. Undefined where it asks for
 * none. https://cloud.google.com/storage/docs/access-control/lists#predefined-acl
 */
export function requestedGrants(
  predefined: string | null,
  list: unknown,
  kind: AclKind,
  bucket: Pick<Bucket, 'settings'>,
): readonly Grant[] | undefined {
  const uniform = hasUniformAccess(bucket)
  if (predefined !== null) {
    if (uniform && predefined !== 'projectPrivate' && predefined !== 'private') throw uniformAccess('insert')
    return predefinedGrants(predefined, kind, bucket)
  }
  // Tools send the empty list that they were given back with the rest of the resource.
  if (list === undefined || list === null || (Array.isArray(list) && list.length === 0)) return undefined
  if (uniform) throw uniformAccess('insert')
  return readGrants(list, kind)
}

/** What applies to a bucket or an object whose creator asked for nothing. */
export function defaultGrants(kind: AclKind, bucket: Pick<Bucket, 'settings'>): readonly Grant[] {
  return predefinedGrants('projectPrivate', kind, bucket)
}

function predefinedGrants(name: string, kind: AclKind, bucket: Pick<Bucket, 'settings'>): readonly Grant[] {
  const owners: Grant = { entity: teamOf('owners', bucket), role: 'OWNER' }
  switch (name) {
    case 'private':
    case 'bucketOwnerFullControl':
    case 'bucketOwnerRead':
      if (kind === 'bucket' && name !== 'private') break
      return [owners]
    case 'projectPrivate':
      return [
        owners,
        { entity: teamOf('editors', bucket), role: 'OWNER' },
        { entity: teamOf('viewers', bucket), role: 'READER' },
      ]
    case 'authenticatedRead':
      return [owners, { entity: 'allAuthenticatedUsers', role: 'READER' }]
    case 'publicRead':
      return [owners, { entity: 'allUsers', role: 'READER' }]
    case 'publicReadWrite':
      if (kind === 'object') break
      return [owners, { entity: 'allUsers', role: 'WRITER' }]
  }
  throw new ApiError(400, `Invalid value for the predefined access control list: ${name}`, 'invalid')
}

function teamOf(team: string, { settings }: Pick<Bucket, 'settings'>): string {
  const number = settings['projectNumber']
  return `project-${team}-${typeof number === 'string' ? number : projectNumber('')}`
}

export function hasUniformAccess({ settings }: Pick<Bucket, 'settings'>): boolean {
  const iam = settings['iamConfiguration'] as
    Readonly<Record<string, { readonly enabled?: unknown }>> | undefined
  return iam?.['uniformBucketLevelAccess']?.enabled === true || iam?.['bucketPolicyOnly']?.enabled === true
}

/** https://cloud.google.com/storage/docs/uniform-bucket-level-access */
export function uniformAccess(verb: 'get' | 'insert' | 'update'): ApiError {
  return new ApiError(
    400,
    `Cannot ${verb} legacy ACL for an object when uniform bucket-level access is enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access`,
    'invalid',
  )
}
