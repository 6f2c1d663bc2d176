import { ApiError } from '../errors.ts'
import type { Bucket, ObjectVersion } from './model.ts'

/** Until when a bucket's retention policy keeps a version, in milliseconds; undefined where it does not. */
export function retainedUntil(bucket: Pick<Bucket, 'settings'>, version: ObjectVersion): number | undefined {
  const policy = bucket.settings['retentionPolicy'] as { readonly retentionPeriod?: unknown } | undefined
  const seconds = Number(policy?.retentionPeriod ?? 0)
  if (!(seconds > 0) || version.attributes.eventBasedHold === true) return undefined
  return (version.releasedAt ?? version.createdAt) + seconds * 1000
}

/** Throws 403 where a hold keeps a version as it is. https://cloud.google.com/storage/docs/object-holds */
export function checkNotHeld(version: ObjectVersion): void {
  const { temporaryHold, eventBasedHold } = version.attributes
  if (temporaryHold === true || eventBasedHold === true) {
    const hold = temporaryHold === true ? 'Temporary' : 'Event-Based'
    throw new ApiError(
      403,
      `Object '${version.bucket}/${version.name}' is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
      'objectUnderActiveHold',
    )
  }
}

/**
 * Throws 403 where a hold or the bucket's retention policy forbids that a version is deleted.
 * https://cloud.google.com/storage/docs/bucket-lock
 */
export function checkUnprotected(
  bucket: Pick<Bucket, 'settings'>,
  version: ObjectVersion,
  now: number,
): void {
  checkNotHeld(version)
  const until = retainedUntil(bucket, version)
  if (until !== undefined && now < until) {
    throw new ApiError(
      403,
      `Object '${version.bucket}/${version.name}' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${new Date(until).toISOString()}`,
      'retentionPolicyNotMet',
    )
  }
}

/** Lifecycle rules wait for what `checkUnprotected` refuses. */
export function isProtected(bucket: Pick<Bucket, 'settings'>, version: ObjectVersion, now: number): boolean {
  const { temporaryHold, eventBasedHold } = version.attributes
  const until = retainedUntil(bucket, version)
  return temporaryHold === true || eventBasedHold === true || (until !== undefined && now < until)
}
