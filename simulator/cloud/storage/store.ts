import type { Clock } from '../../clock.ts'
import { ApiError } from '../errors.ts'
import type { Blob, BlobStore } from './blobs.ts'
import type { Catalog } from './catalog.ts'
import type { Change, Grant, ObjectAttributes, ObjectVersion } from './model.ts'
import { checkPreconditions, type Preconditions } from './preconditions.ts'
import { checkNotHeld, checkUnprotected } from './protection.ts'

/** A new version of an object. */
export interface NewObject {
  readonly bucket: string
  readonly name: string
  readonly attributes: ObjectAttributes
  readonly blob: Omit<Blob, 'md5'> & { readonly md5?: string }
  readonly componentCount?: number
  readonly preconditions: Preconditions
  /** Ends with the same change: the source of a move. */
  readonly replaces?: ObjectVersion
  /** The resumable upload that it came by. */
  readonly uploadId?: string
  readonly acl?: readonly Grant[]
}

/** The changes to objects. Each checks and changes in one go, so that two writers never both pass a check. */
export class ObjectStore {
  readonly #catalog: Catalog
  readonly #blobs: BlobStore
  readonly #clock: Clock

  constructor(catalog: Catalog, blobs: BlobStore, clock: Clock) {
    this.#catalog = catalog
    this.#blobs = blobs
    this.#clock = clock
  }

  /** Makes a version live, taking over the caller's reference to the blob; gives it back where it refuses. */
  put(object: NewObject): ObjectVersion {
    try {
      const bucket = this.#catalog.bucket(object.bucket)
      const live = this.#catalog.find(object.bucket, object.name)
      checkPreconditions(object.preconditions, live)
      const now = this.#clock.now()
      const storageClass = object.attributes.storageClass ?? bucket.settings['storageClass']
      const acl = object.acl ?? bucket.defaultObjectAcl
      const held = bucket.settings['defaultEventBasedHold'] === true && { eventBasedHold: true }
      const version: ObjectVersion = {
        bucket: object.bucket,
        name: object.name,
        generation: this.#catalog.nextGeneration(now),
        metageneration: 1,
        sha256: object.blob.sha256,
        size: object.blob.size,
        crc32c: object.blob.crc32c,
        ...(object.blob.md5 === undefined ? {} : { md5: object.blob.md5 }),
        ...(object.componentCount === undefined ? {} : { componentCount: object.componentCount }),
        ...(object.uploadId === undefined ? {} : { uploadId: object.uploadId }),
        ...(acl === undefined ? {} : { acl }),
        attributes: {
          ...held,
          ...object.attributes,
          storageClass: typeof storageClass === 'string' ? storageClass : 'STANDARD',
        },
        createdAt: now,
        updatedAt: now,
      }
      const retired = [live, object.replaces].filter((old) => old !== undefined)
      this.#commit([...retired.map((old) => this.#retire(old, now)), { kind: 'object', object: version }])
      return version
    } catch (error) {
      this.#blobs.release(object.blob.sha256)
      throw error
    }
  }

  /** Changes attributes; the content stays. */
  update(
    current: ObjectVersion,
    attributes: ObjectAttributes,
    preconditions: Preconditions = {},
    acl?: readonly Grant[],
  ): ObjectVersion {
    checkPreconditions(preconditions, current)
    const now = this.#clock.now()
    const released = current.attributes.eventBasedHold === true && attributes.eventBasedHold !== true
    const storageClass = attributes.storageClass ?? current.attributes.storageClass
    const version: ObjectVersion = {
      ...current,
      metageneration: current.metageneration + 1,
      attributes: { ...attributes, ...(storageClass === undefined ? {} : { storageClass }) },
      updatedAt: now,
      ...(released ? { releasedAt: now } : {}),
      ...(acl === undefined ? {} : { acl }),
    }
    this.#commit([{ kind: 'object', object: version }])
    return version
  }

  /** Without a generation a versioned bucket keeps the object as noncurrent; with one that version is gone. */
  delete(bucket: string, name: string, generation: number | undefined, preconditions: Preconditions): void {
    const version = this.#catalog.object(bucket, name, generation)
    checkPreconditions(preconditions, version)
    const now = this.#clock.now()
    this.#commit([generation === undefined ? this.#retire(version, now) : this.#discard(version, now)])
  }

  /** Deletes a version; the bucket's soft delete policy may keep it a while. */
  discard(version: ObjectVersion): void {
    this.#commit([this.#discard(version, this.#clock.now())])
  }

  /** Deletes versions for good, and last their bucket where it is given. */
  purge(versions: readonly ObjectVersion[], bucket?: string): void {
    const deletion: readonly Change[] = bucket === undefined ? [] : [{ kind: 'bucket_deleted', name: bucket }]
    if (versions.length + deletion.length > 0) this.#commit([...versions.map(removal), ...deletion], versions)
  }

  /** Holds the content of a version, so that it outlives a deletion while someone reads it. */
  hold(version: ObjectVersion): () => void {
    this.#blobs.retain(version.sha256)
    let held = true
    return () => {
      if (held) this.#blobs.release(version.sha256)
      held = false
    }
  }

  #retire(version: ObjectVersion, now: number): Change {
    const bucket = this.#catalog.bucket(version.bucket)
    const versioning = bucket.settings['versioning'] as { readonly enabled?: unknown } | undefined
    if (version.noncurrentAt !== undefined || versioning?.enabled !== true) return this.#discard(version, now)
    checkNotHeld(version)
    return { kind: 'object', object: { ...version, noncurrentAt: now } }
  }

  #discard(version: ObjectVersion, now: number): Change {
    const bucket = this.#catalog.bucket(version.bucket)
    checkUnprotected(bucket, version, now)
    const policy = bucket.settings['softDeletePolicy'] as
      { readonly retentionDurationSeconds?: unknown } | undefined
    const seconds = Number(policy?.retentionDurationSeconds ?? 0)
    if (!(seconds > 0)) return removal(version)
    const softDeleted = { at: now, until: now + seconds * 1000 }
    return { kind: 'object', object: { ...version, softDeleted } }
  }

  /** `versions`: those of the deletions among the changes, where the caller has them. */
  #commit(changes: readonly Change[], versions: readonly ObjectVersion[] = []): void {
    const dropped = changes.flatMap((change) => {
      if (change.kind !== 'object_deleted') return []
      const known = versions.find(
        (version) => version.name === change.name && version.generation === change.generation,
      )
      return [(known ?? this.#catalog.object(change.bucket, change.name, change.generation)).sha256]
    })
    try {
      this.#catalog.commit(changes)
    } catch (error) {
      throw new ApiError(503, `The storage folder cannot be written: ${String(error)}`)
    }
    if (dropped.length === 0) return
    // Content goes only after the journal says so: a kill in between must not leave an object without content.
    void this.#catalog.settled().then(
      () => dropped.forEach((sha256) => this.#blobs.release(sha256)),
      () => undefined,
    )
  }
}

function removal(version: ObjectVersion): Change {
  const { bucket, name, generation } = version
  return { kind: 'object_deleted', bucket, name, generation }
}
