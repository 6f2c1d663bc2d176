import { ApiError } from '../errors.ts'
import { isStorageClass } from './attributes.ts'
import { readLifecycle } from './lifecycle.ts'

/** Fields of a bucket that its owner sets and that come back as they were given. */
const ownerFields = new Set([
  'labels',
  'versioning',
  'lifecycle',
  'cors',
  'website',
  'logging',
  'storageClass',
  'defaultEventBasedHold',
  'iamConfiguration',
  'encryption',
  'billing',
  'autoclass',
  'rpo',
  'softDeletePolicy',
  'retentionPolicy',
])

type Settings = Readonly<Record<string, unknown>>

/** The settings of a new bucket. */
export function newSettings(resource: Settings, project: string, number: string, now: number): Settings {
  const location = resource['location'] ?? 'US'
  if (typeof location !== 'string') throw new ApiError(400, 'Invalid value for location', 'invalid')
  const upper = location.toUpperCase()
  return {
    projectNumber: number,
    location: upper,
    locationType: ['US', 'EU', 'ASIA'].includes(upper) ? 'multi-region' : 'region',
    storageClass: 'STANDARD',
    ...(project === '' ? {} : { project }),
    ...check(stamp({}, { iamConfiguration: {}, ...pick(resource) }, now)),
  }
}

/** PATCH: merges objects, replaces lists, null removes. */
export function patchSettings(current: Settings, patch: Settings, now: number): Settings {
  return check(stamp(current, merge(current, pick(patch)) as Settings, now))
}

/** PUT: what is not given is gone, but for what a bucket is created with. */
export function replaceSettings(current: Settings, resource: Settings, now: number): Settings {
  const kept = Object.entries(current).filter(([key]) => !ownerFields.has(key) || key === 'storageClass')
  const replaced = { ...Object.fromEntries(kept), iamConfiguration: {}, ...pick(resource) }
  return check(stamp(current, replaced, now))
}

/** Sets retention in stone. https://cloud.google.com/storage/docs/bucket-lock */
export function lockRetention(current: Settings): Settings {
  const policy = current['retentionPolicy']
  if (!isObject(policy)) throw new ApiError(400, 'The bucket has no retention policy to lock.', 'invalid')
  return { ...current, retentionPolicy: { ...policy, isLocked: true } }
}

/** Adds what the service notes of a setting itself: when it took effect, and what follows from it. */
function stamp(before: Settings, after: Settings, now: number): Settings {
  const time = new Date(now).toISOString()
  const stamped: Record<string, unknown> = { ...after, iamConfiguration: accessOf(after['iamConfiguration']) }
  for (const [field, measure] of [
    ['retentionPolicy', 'retentionPeriod'],
    ['softDeletePolicy', 'retentionDurationSeconds'],
  ] as const) {
    const policy = after[field]
    if (!isObject(policy)) continue
    const was = before[field]
    const seconds = policy[measure]
    if (!/^\d{1,12}$/.test(String(seconds))) {
      // Tools clear a policy by sending it empty.
      if (seconds === undefined || seconds === null) delete stamped[field]
      else throw new ApiError(400, `Invalid value for ${field}.${measure}`, 'invalid')
      continue
    }
    const same = isObject(was) && String(was[measure]) === String(seconds)
    const effectiveTime = same ? was['effectiveTime'] : time
    const isLocked = field === 'retentionPolicy' && isObject(was) && was['isLocked'] === true
    stamped[field] = { [measure]: String(seconds), effectiveTime, ...(isLocked ? { isLocked } : {}) }
  }
  checkLocked(before['retentionPolicy'], stamped['retentionPolicy'])
  return stamped
}

function checkLocked(before: unknown, after: unknown): void {
  if (!isObject(before) || before['isLocked'] !== true) return
  const period = isObject(after) ? Number(after['retentionPeriod']) : 0
  if (period < Number(before['retentionPeriod'])) {
    throw new ApiError(
      403,
      'Cannot reduce retention duration of a locked Retention Policy for bucket.',
      'forbidden',
    )
  }
}

/** Uniform access has two names, of which the older one follows. */
function accessOf(given: unknown): Settings {
  const configuration = isObject(given) ? given : {}
  const uniform = configuration['uniformBucketLevelAccess'] ?? configuration['bucketPolicyOnly']
  const enabled = isObject(uniform) && uniform['enabled'] === true
  return {
    publicAccessPrevention: 'inherited',
    ...configuration,
    uniformBucketLevelAccess: { ...(isObject(uniform) ? uniform : {}), enabled },
    bucketPolicyOnly: { enabled },
  }
}

function pick(resource: Settings): Settings {
  return Object.fromEntries(Object.entries(resource).filter(([key]) => ownerFields.has(key)))
}

function merge(current: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(current) ? { ...current } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = merge(merged[key], value)
  }
  return merged
}

function check(settings: Settings): Settings {
  readLifecycle(settings['lifecycle'])
  const { labels, versioning, storageClass } = settings
  if (storageClass !== undefined && !isStorageClass(storageClass))
    throw new ApiError(400, `Invalid value for storageClass: ${JSON.stringify(storageClass)}`, 'invalid')
  if (
    labels !== undefined &&
    !(isObject(labels) && Object.values(labels).every((v) => typeof v === 'string'))
  )
    throw new ApiError(400, 'Invalid value for labels', 'invalid')
  if (versioning !== undefined && !(isObject(versioning) && typeof versioning['enabled'] === 'boolean'))
    throw new ApiError(400, 'Invalid value for versioning', 'invalid')
  return settings
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
