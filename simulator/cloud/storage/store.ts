import type { Clock } from '../../clock.ts'
import { ApiError } from '../errors.ts'
import type { Blob, BlobStore } from './blobs.ts'
import type { Catalog } from './catalog.ts'
import type { Change, ObjectAttributes, ObjectVersion } from './model.ts'
import { checkPreconditions, type Preconditions } from './preconditions.ts'

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
        attributes: {
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
  ): ObjectVersion {
    checkPreconditions(preconditions, current)
    const storageClass = attributes.storageClass ?? current.attributes.storageClass
    const version: ObjectVersion = {
      ...current,
      metageneration: current.metageneration + 1,
      attributes: { ...attributes, ...(storageClass === undefined ? {} : { storageClass }) },
      updatedAt: this.#clock.now(),
    }
    this.#commit([{ kind: 'object', object: version }])
    return version
  }

  /** Without a generation a versioned bucket keeps the object as noncurrent; with one that version is gone. */
  delete(bucket: string, name: string, generation: number | undefined, preconditions: Preconditions): void {
    const version = this.#catalog.object(bucket, name, generation)
    checkPreconditions(preconditions, version)
    if (generation === undefined) this.#commit([this.#retire(version, this.#clock.now())])
    else this.remove([version])
  }

  /** Deletes versions for good. */
  remove(versions: readonly ObjectVersion[]): void {
    if (versions.length > 0) this.#commit(versions.map(removal))
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
    const versioning = this.#catalog.bucket(version.bucket).settings['versioning']
    const enabled = (versioning as { readonly enabled?: unknown } | undefined)?.enabled === true
    return enabled ? { kind: 'object', object: { ...version, noncurrentAt: now } } : removal(version)
  }

  #commit(changes: readonly Change[]): void {
    const dropped = changes.flatMap((change) =>
      change.kind === 'object_deleted'
        ? [this.#catalog.object(change.bucket, change.name, change.generation).sha256]
        : [],
    )
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
