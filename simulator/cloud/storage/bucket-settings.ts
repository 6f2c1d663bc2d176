import { ApiError } from '../errors.ts'
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
export function newSettings(resource: Settings, project: string, number: string): Settings {
  const location = resource['location'] ?? 'US'
  if (typeof location !== 'string') throw new ApiError(400, 'Invalid value for location', 'invalid')
  const upper = location.toUpperCase()
  return {
    projectNumber: number,
    location: upper,
    locationType: ['US', 'EU', 'ASIA'].includes(upper) ? 'multi-region' : 'region',
    storageClass: 'STANDARD',
    ...(project === '' ? {} : { project }),
    ...check(pick(resource)),
  }
}

/** PATCH: merges objects, replaces lists, null removes. */
export function patchSettings(current: Settings, patch: Settings): Settings {
  return check(merge(current, pick(patch)) as Settings)
}

/** PUT: what is not given is gone, but for what a bucket is created with. */
export function replaceSettings(current: Settings, resource: Settings): Settings {
  const kept = Object.entries(current).filter(([key]) => !ownerFields.has(key) || key === 'storageClass')
  return check({ ...Object.fromEntries(kept), ...pick(resource) })
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
  const { labels, versioning } = settings
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
