import { createHash } from 'node:crypto'
import { StepError } from '../runtime/error.ts'
import type { ObjectStore } from '../runtime/object-store.ts'
import { snapshotManifest } from './manifest.ts'
import type { SnapshotManifest } from './manifest.ts'

/** What an earlier step staged, read back. */

export async function readManifest(
  store: ObjectStore,
  { object, generation }: { object: string; generation: string },
): Promise<SnapshotManifest> {
  const bytes = await store.get(object, generation)
  return snapshotManifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
}

/** The body of one chunk, parsed. Throws `manifest_mismatch` where it is not the one that the manifest tells of. */
export async function readBody(
  store: ObjectStore,
  { object, generation, md5: expected }: SnapshotManifest['chunks'][number],
): Promise<unknown> {
  const bytes = await store.get(object, generation)
  const md5 = createHash('md5').update(bytes).digest('hex')
  if (md5 !== expected) {
    const message = `${object} at generation ${generation} has md5 ${md5}, its manifest says ${expected}`
    throw new StepError({ code: 'manifest_mismatch', message, retryable: false })
  }
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown
}
