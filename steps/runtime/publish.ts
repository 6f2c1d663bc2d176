import { createHash } from 'node:crypto'
import { asciiJson, shortReason, shortText, splitOutput } from './metadata.ts'
import { objectUri, PreconditionFailed } from './object-store.ts'
import type { ObjectStore, OpenBucket, StoredObject } from './object-store.ts'
import { decodeOutcome, encodeOutcome } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { OutputPointer } from './pointer.ts'

const contentType = 'application/json'

/**
 * Writes how a try ended, once. When another start of the same try was first, that one's outcome stands: it is read
 * back and returned instead.
 */
export async function publishOutcome(
  outcome: Outcome,
  target: { bucket: string; name: string; tries: number },
  open: OpenBucket,
): Promise<Outcome> {
  const store = open(target.bucket)
  const metadata = await metadataOf(outcome, target, store)
  try {
    await store.put(target.name, encodeOutcome(outcome), { contentType, metadata, ifGeneration: '0' })
    return outcome
  } catch (error) {
    if (!(error instanceof PreconditionFailed)) throw error
    return decodeOutcome(Buffer.from(await store.get(target.name)).toString('utf8'))
  }
}

async function metadataOf(
  outcome: Outcome,
  { name, tries }: { name: string; tries: number },
  store: ObjectStore,
): Promise<Record<string, string>> {
  if (outcome.kind === 'output') {
    const output = await withPointers(outcome.output, name, store)
    return { outcome: 'output', result: asciiJson({ state: 'success', tries, output }) }
  }
  if (outcome.kind === 'skip') {
    const reason = shortReason(outcome.reason)
    return { outcome: 'skip', result: asciiJson({ state: 'skipped', tries, reason }) }
  }
  return {
    outcome: 'error',
    code: shortText(outcome.code),
    message: shortText(outcome.message),
    retryable: String(outcome.retryable),
  }
}

/**
 * The output with what does not fit replaced by pointers. A pointer needs the generation of what it points to, which
 * the outcome's own object does not have before it is written: large fields go to an object beside it, named after
 * its content so that two starts of one try never share one by mistake.
 */
async function withPointers(
  output: Readonly<Record<string, unknown>>,
  name: string,
  store: ObjectStore,
): Promise<Readonly<Record<string, unknown>>> {
  const beside = (hash: string) => `${name.replace(/\.json$/, '')}-${hash}.json`
  const pointerTo = (object: string, generation: string, field: string): OutputPointer => {
    const value = output[field]
    return {
      $output: objectUri(store.bucket, object),
      $generation: generation,
      $path: [field],
      // What is mapped over the list needs to know its length before any step reads it.
      ...(Array.isArray(value) && { $length: value.length }),
    }
  }
  const sample = (field: string) => pointerTo(beside('0'.repeat(16)), '0'.repeat(20), field)
  const { kept, moved } = splitOutput(output, sample)
  if (Object.keys(moved).length === 0) return kept

  const body = encodeOutcome({ kind: 'output', output: moved })
  const object = beside(createHash('sha256').update(body).digest('hex').slice(0, 16))
  const { generation } = await create(store, object, body)
  const pointers = Object.keys(moved).map((field) => [field, pointerTo(object, generation, field)] as const)
  return { ...kept, ...Object.fromEntries(pointers) }
}

async function create(store: ObjectStore, name: string, body: string): Promise<StoredObject> {
  try {
    return await store.put(name, body, { contentType, ifGeneration: '0' })
  } catch (error) {
    const existing = error instanceof PreconditionFailed ? await store.stat(name) : null
    if (!existing) throw error
    return existing
  }
}
