import { createHash } from 'node:crypto'
import type { HttpExchange } from '../runtime/http.ts'
import { PreconditionFailed } from '../runtime/object-store.ts'
import type { ObjectStore, StoredObject } from '../runtime/object-store.ts'
import type { StepContext } from '../runtime/step.ts'
import { snapshotFolder } from './manifest.ts'
import type { SnapshotManifest, SnapshotResource } from './manifest.ts'

/** One snapshot in the making: bodies are staged as they arrive, the manifest is written at the end. */
export interface Snapshot {
  /** Stages a body, bytes unchanged, before anything looks into it. */
  stage(chunk: number, exchange: HttpExchange): Promise<void>
  /** Remembers an answer without data. */
  refuse(chunk: number, exchange: HttpExchange): void
  /** Takes the last body staged for a chunk into the snapshot. */
  accept(chunk: number, hasNext: boolean): SnapshotManifest['chunks'][number]
  /** Writes the manifest of what was accepted. */
  finish(complete: boolean): Promise<StoredObject>
  /** Leaves a manifest of what there is, unless there is one already: a good one must not be hidden. */
  abandon(): Promise<void>
}

export interface SnapshotOptions {
  resource: SnapshotResource
  userName: string
  type: string | null
  date: string
}

type Exchange = Pick<SnapshotManifest['refusals'][number], 'status' | 'headers' | 'requested_at'>

export function openSnapshot(context: StepContext, options: SnapshotOptions): Snapshot {
  const { run, store, log } = context
  const { userName, resource, type, date } = options
  const folder = snapshotFolder({ userName, resource, date, runId: run.runId })
  const manifestName = `${folder}/manifest.json`
  const staged = new Map<number, { object: StoredObject; exchange: Exchange }>()
  const chunks: SnapshotManifest['chunks'] = []
  const refusals: SnapshotManifest['refusals'] = []

  function writeManifest(complete: boolean, ifGeneration: string): Promise<StoredObject> {
    const manifest: SnapshotManifest = {
      version: 1,
      resource,
      user_name: userName,
      type,
      date,
      run_id: run.runId,
      complete,
      chunks,
      refusals,
    }
    return store.put(manifestName, `${JSON.stringify(manifest, null, 2)}\n`, {
      contentType: 'application/json',
      ifGeneration,
    })
  }

  return {
    async stage(chunk, exchange) {
      const object = await stageBytes(store, `${folder}/chunk=${chunk}.json`, exchange)
      staged.set(chunk, { object, exchange: describeExchange(exchange) })
    },
    refuse(chunk, exchange) {
      const body = Buffer.from(exchange.bytes.subarray(0, 2000)).toString('utf8')
      refusals.push({ chunk, ...describeExchange(exchange), body })
    },
    accept(chunk, hasNext) {
      const found = staged.get(chunk)
      if (!found) throw new Error(`chunk ${chunk} was accepted before it was staged`)
      const { object, exchange } = found
      const { name, generation, md5, bytes } = object
      const accepted = { chunk, object: name, generation, md5, bytes, has_next: hasNext, ...exchange }
      chunks.push(accepted)
      return accepted
    },
    async finish(complete) {
      const current = await store.stat(manifestName)
      return writeManifest(complete, current?.generation ?? '0')
    },
    async abandon() {
      try {
        await writeManifest(false, '0')
      } catch (error) {
        if (error instanceof PreconditionFailed) return
        log.warning(`the manifest of the partial snapshot could not be written: ${String(error)}`)
      }
    },
  }
}

/**
 * Writes the bytes as a new version of the object. The same bytes again are the version that is there already, so
 * that a repeated run of the same day leaves RAW as it is.
 */
async function stageBytes(store: ObjectStore, name: string, exchange: HttpExchange): Promise<StoredObject> {
  const md5 = createHash('md5').update(exchange.bytes).digest('hex')
  const current = await store.stat(name)
  if (current?.md5 === md5) return current
  try {
    return await store.put(name, exchange.bytes, {
      contentType: 'application/json',
      metadata: {
        md5,
        http_status: String(exchange.status),
        requested_at: new Date(exchange.requestedAt).toISOString(),
      },
      ifGeneration: current?.generation ?? '0',
    })
  } catch (error) {
    // The write may have taken effect although its answer was lost, or another start of this try was first.
    const now = error instanceof PreconditionFailed ? await store.stat(name) : null
    if (now?.md5 === md5) return now
    throw error
  }
}

function describeExchange({ status, headers, requestedAt }: HttpExchange): Exchange {
  const kept = [...headers.entries()].filter(([name]) => name !== 'set-cookie')
  return { status, headers: Object.fromEntries(kept), requested_at: new Date(requestedAt).toISOString() }
}
