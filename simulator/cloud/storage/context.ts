import type { Clock } from '../../clock.ts'
import type { BlobStore } from './blobs.ts'
import type { Catalog } from './catalog.ts'
import type { Checksums } from './checksums.ts'
import type { Grant, ObjectAttributes } from './model.ts'
import type { Projection } from './projection.ts'
import type { Preconditions } from './preconditions.ts'
import type { PartStore } from './part-store.ts'
import type { SessionStore } from './sessions.ts'
import type { ObjectStore } from './store.ts'

/** The object that an upload is to become. */
export interface Upload {
  readonly bucket: string
  readonly name: string
  readonly attributes: ObjectAttributes
  readonly preconditions: Preconditions
  readonly checksums: Checksums
  readonly acl?: readonly Grant[]
}

/** What the handlers of the storage service share. */
export interface StorageContext {
  readonly catalog: Catalog
  readonly blobs: BlobStore
  readonly store: ObjectStore
  readonly sessions: SessionStore<Upload>
  readonly parts: PartStore<Upload>
  readonly clock: Clock
  readonly shown: Projection
  /** Root of the server as clients reach it, without a trailing slash. */
  readonly baseUrl: () => string
}
