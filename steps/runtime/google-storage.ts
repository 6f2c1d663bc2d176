import type { Storage } from '@google-cloud/storage'
import { ObjectNotFound, PreconditionFailed } from './object-store.ts'
import type { ObjectStore, OpenBucket, StoredObject } from './object-store.ts'

/** Cloud Storage, or the server that STORAGE_EMULATOR_HOST names. */
export function createGoogleStorage(options: {
  projectId: string
  emulator?: string | undefined
}): OpenBucket {
  let client: Promise<Storage> | undefined

  // Loading the client takes longer than a step that refuses its input needs in all.
  async function connect(): Promise<Storage> {
    const { IdempotencyStrategy, Storage } = await import('@google-cloud/storage')
    const endpoint = options.emulator?.replace(/\/$/, '')
    const storage = new Storage({
      projectId: options.projectId,
      ...(endpoint ? { apiEndpoint: endpoint } : {}),
      // The default retries nothing after one failed plain write on the same client. Every write here carries a
      // precondition, so all of them may be retried.
      retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways },
    })
    // The client takes STORAGE_EMULATOR_HOST verbatim as the base of metadata calls but not of uploads.
    if (endpoint) storage.baseUrl = `${endpoint}/storage/v1`
    return storage
  }

  function open(bucket: string): ObjectStore {
    async function file(name: string, generation?: string) {
      client ??= connect()
      return (await client).bucket(bucket).file(name, generation === undefined ? {} : { generation })
    }
    return {
      bucket,
      async put(name, body, put) {
        const target = await file(name)
        try {
          await target.save(Buffer.from(body), {
            // One request suffices below the client's 8 MiB chunk; above it an upload must be resumable.
            resumable: body.length > 8 * 1024 * 1024,
            contentType: put.contentType,
            // Bytes are stored as they are: no transcoding on the way back.
            gzip: false,
            metadata: { metadata: { ...put.metadata } },
            preconditionOpts: { ifGenerationMatch: put.ifGeneration },
          })
        } catch (error) {
          throw named(error, bucket, name)
        }
        return toStored(bucket, name, target.metadata)
      },
      async get(name, generation) {
        try {
          const [bytes] = await (await file(name, generation)).download({ decompress: false })
          return bytes
        } catch (error) {
          throw named(error, bucket, name)
        }
      },
      async stat(name, generation) {
        try {
          const [metadata] = await (await file(name, generation)).getMetadata()
          return toStored(bucket, name, metadata)
        } catch (error) {
          if (codeOf(error) === 404) return null
          throw error
        }
      },
    }
  }
  return open
}

interface ObjectResource {
  generation?: string | number | undefined
  md5Hash?: string | undefined
  size?: string | number | undefined
  metadata?: { [key: string]: string | number | boolean | null } | undefined
}

function toStored(bucket: string, name: string, resource: ObjectResource): StoredObject {
  const metadata = Object.entries(resource.metadata ?? {}).map(
    ([key, value]) => [key, String(value)] as const,
  )
  return {
    bucket,
    name,
    generation: String(resource.generation),
    md5: Buffer.from(resource.md5Hash ?? '', 'base64').toString('hex'),
    bytes: Number(resource.size ?? 0),
    metadata: Object.fromEntries(metadata),
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function named(error: unknown, bucket: string, name: string): unknown {
  const cause = { cause: error }
  if (codeOf(error) === 412) return new PreconditionFailed(`gs://${bucket}/${name} has changed`, cause)
  if (codeOf(error) === 404) return new ObjectNotFound(`gs://${bucket}/${name} does not exist`, cause)
  return error
}
