import { createHash } from 'node:crypto'
import { ObjectNotFound, PreconditionFailed } from './object-store.ts'
import type { ObjectStore, OpenBucket, StoredObject } from './object-store.ts'

interface Version {
  readonly object: StoredObject
  readonly body: Uint8Array
}

/** Versioned buckets in this process, for unit tests of steps. */
export function createMemoryStorage(): OpenBucket {
  const buckets = new Map<string, Map<string, Version[]>>()
  let generation = 1_700_000_000_000_000n

  function open(bucket: string): ObjectStore {
    const objects = buckets.get(bucket) ?? new Map<string, Version[]>()
    buckets.set(bucket, objects)

    function find(name: string, wanted: string | undefined): Version | undefined {
      const versions = objects.get(name) ?? []
      return wanted === undefined ? versions.at(-1) : versions.find((v) => v.object.generation === wanted)
    }

    return {
      bucket,
      async put(name, body, options) {
        const current = find(name, undefined)?.object.generation ?? '0'
        if (current !== options.ifGeneration) {
          throw new PreconditionFailed(`gs://${bucket}/${name} is at ${current}, not ${options.ifGeneration}`)
        }
        generation += 1n
        const bytes = typeof body === 'string' ? Buffer.from(body) : Uint8Array.from(body)
        const object: StoredObject = {
          bucket,
          name,
          generation: String(generation),
          md5: createHash('md5').update(bytes).digest('hex'),
          bytes: bytes.length,
          metadata: { ...options.metadata },
        }
        objects.set(name, [...(objects.get(name) ?? []), { object, body: bytes }])
        return object
      },
      async get(name, wanted) {
        const version = find(name, wanted)
        if (!version) throw new ObjectNotFound(`gs://${bucket}/${name}${wanted ? `#${wanted}` : ''}`)
        return version.body
      },
      async stat(name, wanted) {
        return find(name, wanted)?.object ?? null
      },
    }
  }
  return open
}
