import { ApiError } from '../errors.ts'
import { Journal } from './journal.ts'
import type { Bucket, Change, ObjectVersion } from './model.ts'

interface BucketState {
  bucket: Bucket
  /** Versions by object name, oldest first; only the last can be live. */
  readonly objects: Map<string, ObjectVersion[]>
  /** As `objects`: what was deleted and can be restored. */
  readonly softDeleted: Map<string, ObjectVersion[]>
  /** Object names in the service's order; null until they are needed again. */
  sortedNames: readonly string[] | null
}

/** The object versions of a bucket, as listings see them. */
export interface ObjectView {
  names(bucket: string): readonly string[]
  versions(bucket: string, name: string): readonly ObjectVersion[]
  find(bucket: string, name: string): ObjectVersion | undefined
}

/**
 * All buckets and object versions, in memory and in a journal. Changes take effect at once, so that a check and the
 * change that rests on it are never apart; they are durable when `settled` has resolved.
 */
export class Catalog {
  readonly #buckets: Map<string, BucketState>
  readonly #journal: Journal<readonly Change[]>
  #lastGeneration: number

  private constructor(
    buckets: Map<string, BucketState>,
    journal: Journal<readonly Change[]>,
    lastGeneration: number,
  ) {
    this.#buckets = buckets
    this.#journal = journal
    this.#lastGeneration = lastGeneration
  }

  /** Reads the journal; one that is mostly history is written anew first. */
  static async open(path: string): Promise<Catalog> {
    const { journal, entries } = await Journal.open<readonly Change[]>(path)
    const buckets = new Map<string, BucketState>()
    let generation = 0
    for (const change of entries.flat()) {
      apply(buckets, change)
      if (change.kind === 'object') generation = Math.max(generation, change.object.generation)
      if (change.kind === 'generation') generation = Math.max(generation, change.generation)
    }
    const needed = snapshot(buckets, generation)
    if (entries.length <= 1000 || entries.length <= 2 * needed.length)
      return new Catalog(buckets, journal, generation)
    await journal.close()
    await Journal.rewrite(path, needed)
    const reopened = await Journal.open<readonly Change[]>(path)
    return new Catalog(buckets, reopened.journal, generation)
  }

  buckets(): readonly Bucket[] {
    return [...this.#buckets.values()]
      .map((state) => state.bucket)
      .toSorted((a, b) => compare(a.name, b.name))
  }

  findBucket(name: string): Bucket | undefined {
    return this.#buckets.get(name)?.bucket
  }

  /** Throws 404 where there is no such bucket. */
  bucket(name: string): Bucket {
    return this.#state(name).bucket
  }

  /** Object names of a bucket in the order of their UTF-8 bytes. */
  names(bucket: string): readonly string[] {
    const state = this.#state(bucket)
    state.sortedNames ??= [...state.objects.keys()].toSorted(compare)
    return state.sortedNames
  }

  /** All versions of an object, oldest first. */
  versions(bucket: string, name: string): readonly ObjectVersion[] {
    return this.#state(bucket).objects.get(name) ?? []
  }

  /** The deleted versions that can be restored, as listings see objects. */
  softDeleted(bucket: string): ObjectView {
    const { softDeleted } = this.#state(bucket)
    const names = [...softDeleted.keys()].toSorted(compare)
    return {
      names: () => names,
      versions: (_, name) => softDeleted.get(name) ?? [],
      find: (_, name) => softDeleted.get(name)?.at(-1),
    }
  }

  /** The live version, or with a generation that one. */
  find(bucket: string, name: string, generation?: number): ObjectVersion | undefined {
    const versions = this.versions(bucket, name)
    if (generation !== undefined) return versions.find((version) => version.generation === generation)
    const last = versions.at(-1)
    return last?.noncurrentAt === undefined ? last : undefined
  }

  /** As `find`; throws 404 where there is none. */
  object(bucket: string, name: string, generation?: number): ObjectVersion {
    const found = this.find(bucket, name, generation)
    if (found === undefined) {
      const which = generation === undefined ? '' : `#${generation}`
      throw new ApiError(404, `No such object: ${bucket}/${name}${which}`, 'notFound')
    }
    return found
  }

  /** The version that a resumable upload made; `target` says where to look, without it everywhere. */
  uploaded(
    uploadId: string,
    target: { readonly bucket: string; readonly name: string } | null,
  ): ObjectVersion | undefined {
    if (target !== null) {
      return this.versions(target.bucket, target.name).find((version) => version.uploadId === uploadId)
    }
    for (const state of this.#buckets.values()) {
      for (const versions of state.objects.values()) {
        const found = versions.find((version) => version.uploadId === uploadId)
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  /** Generations are the microsecond of creation, as on the service, and never repeat or go back. */
  nextGeneration(now: number): number {
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, Math.floor(now * 1000))
    return this.#lastGeneration
  }

  commit(changes: readonly Change[]): void {
    this.#journal.append(changes)
    for (const change of changes) apply(this.#buckets, change)
  }

  settled(): Promise<void> {
    return this.#journal.settled()
  }

  /** The content of every version, once per version. */
  *contents(): Iterable<string> {
    for (const state of this.#buckets.values()) {
      for (const kept of [state.objects, state.softDeleted])
        for (const versions of kept.values()) for (const version of versions) yield version.sha256
    }
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  #state(bucket: string): BucketState {
    const state = this.#buckets.get(bucket)
    if (state === undefined) throw new ApiError(404, 'The specified bucket does not exist.', 'notFound')
    return state
  }
}

/** Orders text as its UTF-8 bytes do; JavaScript's own order differs beyond the basic plane. */
export function compare(a: string, b: string): number {
  if (a === b) return 0
  const surrogate = /[\ud800-\udfff]/
  if (surrogate.test(a) || surrogate.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}

function apply(buckets: Map<string, BucketState>, change: Change): void {
  switch (change.kind) {
    case 'bucket': {
      const state = buckets.get(change.bucket.name)
      if (state !== undefined) state.bucket = change.bucket
      else
        buckets.set(change.bucket.name, {
          bucket: change.bucket,
          objects: new Map(),
          softDeleted: new Map(),
          sortedNames: null,
        })
      return
    }
    case 'bucket_deleted':
      buckets.delete(change.name)
      return
    case 'object': {
      const { object } = change
      const state = buckets.get(object.bucket)
      if (state === undefined) return
      if (object.softDeleted !== undefined) {
        remove(state, object)
        state.softDeleted.set(object.name, [...(state.softDeleted.get(object.name) ?? []), object])
        return
      }
      const versions = state.objects.get(object.name)
      if (versions === undefined) {
        state.objects.set(object.name, [object])
        state.sortedNames = null
        return
      }
      const index = versions.findIndex((version) => version.generation === object.generation)
      if (index === -1) versions.push(object)
      else versions[index] = object
      return
    }
    case 'object_deleted': {
      const state = buckets.get(change.bucket)
      if (state !== undefined) remove(state, change)
      return
    }
    case 'generation':
  }
}

function remove(state: BucketState, gone: { readonly name: string; readonly generation: number }): void {
  for (const kept of [state.objects, state.softDeleted]) {
    const versions = kept.get(gone.name)
    const rest = versions?.filter((version) => version.generation !== gone.generation)
    if (rest === undefined || rest.length === versions?.length) continue
    if (rest.length > 0) kept.set(gone.name, rest)
    else {
      kept.delete(gone.name)
      state.sortedNames = null
    }
  }
}

function snapshot(buckets: Map<string, BucketState>, generation: number): readonly (readonly Change[])[] {
  const entries: Change[][] = [[{ kind: 'generation', generation }]]
  for (const state of buckets.values()) {
    entries.push([{ kind: 'bucket', bucket: state.bucket }])
    for (const kept of [state.objects, state.softDeleted]) {
      for (const versions of kept.values()) {
        entries.push(versions.map((object) => ({ kind: 'object', object })))
      }
    }
  }
  return entries
}
