import { ApiError } from '../errors.ts'
import { isStorageClass } from './attributes.ts'
import type { ObjectVersion } from './model.ts'

/** https://cloud.google.com/storage/docs/lifecycle */
export interface LifecycleRule {
  readonly action: { readonly type: string; readonly storageClass?: string }
  readonly condition: LifecycleCondition
}

interface LifecycleCondition {
  readonly age?: number
  readonly createdBefore?: string
  readonly customTimeBefore?: string
  readonly daysSinceCustomTime?: number
  readonly daysSinceNoncurrentTime?: number
  readonly noncurrentTimeBefore?: string
  readonly isLive?: boolean
  readonly matchesPrefix?: readonly string[]
  readonly matchesSuffix?: readonly string[]
  readonly matchesStorageClass?: readonly string[]
  readonly numNewerVersions?: number
}

const conditionTypes: Readonly<Record<keyof LifecycleCondition, 'number' | 'string' | 'boolean' | 'list'>> = {
  age: 'number',
  createdBefore: 'string',
  customTimeBefore: 'string',
  daysSinceCustomTime: 'number',
  daysSinceNoncurrentTime: 'number',
  noncurrentTimeBefore: 'string',
  isLive: 'boolean',
  matchesPrefix: 'list',
  matchesSuffix: 'list',
  matchesStorageClass: 'list',
  numNewerVersions: 'number',
}

const day = 86_400_000

/** The rules of a bucket's `lifecycle`; throws 400 for what the service does not know. */
export function readLifecycle(lifecycle: unknown): readonly LifecycleRule[] {
  if (lifecycle === undefined || lifecycle === null) return []
  const rules = (lifecycle as { readonly rule?: unknown }).rule
  if (rules === undefined || rules === null) return []
  if (!Array.isArray(rules)) throw new ApiError(400, 'Invalid lifecycle: rule must be a list.', 'invalid')
  return rules.map((rule: unknown) => readRule(rule))
}

/** The first action that applies to a version; a deletion goes before a change of storage class. */
export function dueAction(
  rules: readonly LifecycleRule[],
  versions: readonly ObjectVersion[],
  version: ObjectVersion,
  now: number,
): LifecycleRule['action'] | null {
  const due = rules.filter(
    (rule) =>
      rule.action.type !== 'AbortIncompleteMultipartUpload' && holds(rule.condition, versions, version, now),
  )
  const deletion = due.find((rule) => rule.action.type === 'Delete')
  if (deletion !== undefined) return deletion.action
  const change = due.find((rule) => rule.action.storageClass !== version.attributes.storageClass)
  return change?.action ?? null
}

/**
 * Whether a rule ends a multipart upload under way.
 * https://cloud.google.com/storage/docs/lifecycle#abort-mpu
 */
export function abandons(
  rules: readonly LifecycleRule[],
  upload: { readonly name: string; readonly startedAt: number },
  now: number,
): boolean {
  return rules.some(
    ({ action, condition }) =>
      action.type === 'AbortIncompleteMultipartUpload' &&
      (condition.age === undefined || now - upload.startedAt >= condition.age * day) &&
      (condition.matchesPrefix?.some((prefix) => upload.name.startsWith(prefix)) ?? true) &&
      (condition.matchesSuffix?.some((suffix) => upload.name.endsWith(suffix)) ?? true),
  )
}

function holds(
  condition: LifecycleCondition,
  versions: readonly ObjectVersion[],
  version: ObjectVersion,
  now: number,
): boolean {
  const live = version.noncurrentAt === undefined
  const custom = version.attributes.customTime
  const newer = versions.filter((other) => other.generation > version.generation).length
  const checks: readonly boolean[] = [
    condition.age === undefined || now - version.createdAt >= condition.age * day,
    condition.createdBefore === undefined || version.createdAt < Date.parse(condition.createdBefore),
    condition.isLive === undefined || condition.isLive === live,
    condition.numNewerVersions === undefined || newer >= condition.numNewerVersions,
    condition.daysSinceNoncurrentTime === undefined ||
      (version.noncurrentAt !== undefined &&
        now - version.noncurrentAt >= condition.daysSinceNoncurrentTime * day),
    condition.noncurrentTimeBefore === undefined ||
      (version.noncurrentAt !== undefined &&
        version.noncurrentAt < Date.parse(condition.noncurrentTimeBefore)),
    condition.daysSinceCustomTime === undefined ||
      (custom !== undefined && now - Date.parse(custom) >= condition.daysSinceCustomTime * day),
    condition.customTimeBefore === undefined ||
      (custom !== undefined && Date.parse(custom) < Date.parse(condition.customTimeBefore)),
    condition.matchesPrefix?.some((prefix) => version.name.startsWith(prefix)) ?? true,
    condition.matchesSuffix?.some((suffix) => version.name.endsWith(suffix)) ?? true,
    condition.matchesStorageClass?.includes(version.attributes.storageClass ?? 'STANDARD') ?? true,
  ]
  return checks.every(Boolean)
}

function readRule(rule: unknown): LifecycleRule {
  const { action, condition } = (rule ?? {}) as { readonly action?: unknown; readonly condition?: unknown }
  const type = (action as { readonly type?: unknown } | undefined)?.type
  if (!['Delete', 'SetStorageClass', 'AbortIncompleteMultipartUpload'].includes(type as string))
    throw new ApiError(400, `Invalid lifecycle action: ${JSON.stringify(type)}`, 'invalid')
  if (typeof condition !== 'object' || condition === null || Object.keys(condition).length === 0)
    throw new ApiError(400, 'A lifecycle rule needs a condition.', 'invalid')
  for (const [key, value] of Object.entries(condition)) {
    const expected = (conditionTypes as Readonly<Record<string, string>>)[key]
    const given = Array.isArray(value) ? 'list' : typeof value
    if (expected !== given)
      throw new ApiError(400, `Invalid lifecycle condition ${key}: ${JSON.stringify(value)}`, 'invalid')
  }
  const unknown = Object.keys(condition).find(
    (key) => !['age', 'matchesPrefix', 'matchesSuffix'].includes(key),
  )
  if (type === 'AbortIncompleteMultipartUpload' && unknown !== undefined)
    throw new ApiError(400, `Lifecycle condition ${unknown} does not go with ${type}.`, 'invalid')
  const storageClass = (action as { readonly storageClass?: unknown }).storageClass
  if (type === 'SetStorageClass' && !isStorageClass(storageClass))
    throw new ApiError(400, `Invalid lifecycle storage class: ${JSON.stringify(storageClass)}`, 'invalid')
  return { action: action as LifecycleRule['action'], condition }
}
