import type { Clock } from '../../clock.ts'
import type { BlobStore } from './blobs.ts'
import type { Catalog } from './catalog.ts'
import type { SessionStore } from './sessions.ts'
import type { ObjectStore } from './store.ts'

/** What the handlers of the storage service share. */
export interface StorageContext {
  readonly catalog: Catalog
  readonly blobs: BlobStore
  readonly store: ObjectStore
  readonly sessions: SessionStore
  readonly clock: Clock
  /** Root of the server as clients reach it, without a trailing slash. */
  readonly baseUrl: () => string
}
