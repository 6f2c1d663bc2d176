import type { Clock } from '../../clock.ts'
import type { Catalog } from './catalog.ts'
import { abandons, dueAction, readLifecycle } from './lifecycle.ts'
import type { ObjectVersion } from './model.ts'
import type { Upload } from './context.ts'
import type { PartStore } from './part-store.ts'
import { isProtected } from './protection.ts'
import type { ObjectStore } from './store.ts'

/** Rules count in days, so looking once an hour of the clock is often enough. */
const interval = 3_600_000

/** Applies the buckets' lifecycle rules before requests, as far as the clock has come. */
export class LifecycleSweeper {
  readonly #catalog: Catalog
  readonly #store: ObjectStore
  readonly #parts: PartStore<Upload>
  readonly #clock: Clock
  /** When each bucket was looked at, and which of its states. */
  readonly #seen = new Map<string, { readonly at: number; readonly metageneration: number }>()

  constructor(catalog: Catalog, store: ObjectStore, parts: PartStore<Upload>, clock: Clock) {
    this.#catalog = catalog
    this.#store = store
    this.#parts = parts
    this.#clock = clock
  }

  run(): void {
    const now = this.#clock.now()
    for (const bucket of this.#catalog.buckets()) {
      this.#purge(bucket.name, now)
      if (bucket.settings['lifecycle'] === undefined) continue
      const seen = this.#seen.get(bucket.name)
      if (seen !== undefined && now - seen.at < interval && seen.metageneration === bucket.metageneration)
        continue
      this.#seen.set(bucket.name, { at: now, metageneration: bucket.metageneration })
      this.#sweep(bucket.name, bucket.settings['lifecycle'], now)
    }
  }

  /** Ends the multipart uploads that a rule has given up. */
  async abandonUploads(): Promise<void> {
    const now = this.#clock.now()
    for (const upload of await this.#parts.all()) {
      const bucket = this.#catalog.findBucket(upload.bucket)
      const rules = readLifecycle(bucket?.settings['lifecycle'])
      if (bucket === undefined || abandons(rules, upload, now)) await this.#parts.remove(upload.id)
    }
  }

  #sweep(bucket: string, lifecycle: unknown, now: number): void {
    const rules = readLifecycle(lifecycle)
    for (const name of this.#catalog.names(bucket)) {
      const versions = this.#catalog.versions(bucket, name)
      for (const version of versions) this.#apply(rules, versions, version, now)
    }
  }

  /** Soft-deleted versions are gone to the minute, since they cannot be seen once their time is up. */
  #purge(bucket: string, now: number): void {
    const view = this.#catalog.softDeleted(bucket)
    const over = view
      .names(bucket)
      .flatMap((name) => view.versions(bucket, name))
      .filter(({ softDeleted }) => softDeleted !== undefined && softDeleted.until <= now)
    this.#store.purge(over)
  }

  #apply(
    rules: ReturnType<typeof readLifecycle>,
    versions: readonly ObjectVersion[],
    version: ObjectVersion,
    now: number,
  ): void {
    const action = dueAction(rules, versions, version, now)
    if (action === null) return
    const live = version.noncurrentAt === undefined
    if (action.type === 'SetStorageClass' && action.storageClass !== undefined)
      this.#store.update(version, { ...version.attributes, storageClass: action.storageClass })
    else if (action.type === 'Delete' && !isProtected(this.#catalog.bucket(version.bucket), version, now)) {
      if (live) this.#store.delete(version.bucket, version.name, undefined, {})
      else this.#store.discard(version)
    }
  }
}
