import { createHash } from 'node:crypto'
import type { CloudRequest, CloudResponse, Dispatch } from '../simulator/cloud/request.ts'
import {
  ObjectNotFound,
  objectUri,
  PreconditionFailed,
  type OpenBucket,
  type StoredObject,
} from '../steps/runtime/object-store.ts'

/** A request to the local cloud in this process, with JSON or bytes as its body. */
export function requestOf(
  method: CloudRequest['method'],
  path: string,
  body?: Uint8Array | object,
  headers: Readonly<Record<string, string>> = {},
): CloudRequest {
  const mark = path.indexOf('?')
  return {
    method,
    path: mark === -1 ? path : path.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : path.slice(mark)),
    headers,
    body:
      body === undefined
        ? new Uint8Array()
        : body instanceof Uint8Array
          ? body
          : new TextEncoder().encode(JSON.stringify(body)),
  }
}

/** The bytes of an answer. */
function bytesOf({ body }: CloudResponse): Uint8Array {
  if (body === undefined) return new Uint8Array()
  return 'bytes' in body ? body.bytes : new TextEncoder().encode(JSON.stringify(body.json))
}

/** An answer's JSON; throws with the service's message for a status of 400 or above. */
export function jsonOf(response: CloudResponse): Readonly<Record<string, unknown>> {
  const text = new TextDecoder().decode(bytesOf(response))
  if (response.status >= 400) throw new Error(`the local cloud answered ${response.status}: ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

/** What a step in this process needs of Cloud Storage, without a socket. */
export function bucketsOf(dispatch: Dispatch): OpenBucket {
  return (bucket) => {
    const read = (name: string, media: boolean, generation?: string) => {
      const query = new URLSearchParams({
        ...(media ? { alt: 'media' } : {}),
        ...(generation === undefined ? {} : { generation }),
      })
      return dispatch(
        requestOf('GET', `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?${query.toString()}`),
      )
    }
    return {
      bucket,
      put: async (name, body, { contentType, metadata, ifGeneration }) => {
        const content = typeof body === 'string' ? new TextEncoder().encode(body) : body
        const query = new URLSearchParams({ uploadType: 'multipart', name, ifGenerationMatch: ifGeneration })
        const response = await dispatch(
          requestOf(
            'POST',
            `/upload/storage/v1/b/${bucket}/o?${query.toString()}`,
            related({ contentType, metadata }, contentType, content),
            { 'content-type': `multipart/related; boundary=${boundary}` },
          ),
        )
        if (response.status === 412) throw new PreconditionFailed(objectUri(bucket, name))
        return objectOf(jsonOf(response), bucket, name)
      },
      get: async (name, generation) => {
        const response = await read(name, true, generation)
        if (response.status === 404) throw new ObjectNotFound(objectUri(bucket, name))
        if (response.status >= 400) jsonOf(response)
        return bytesOf(response)
      },
      stat: async (name, generation) => {
        const response = await read(name, false, generation)
        return response.status === 404 ? null : objectOf(jsonOf(response), bucket, name)
      },
    }
  }
}

const boundary = createHash('sha256').update('a line that no JSON holds').digest('hex')

function related(resource: object, contentType: string, content: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(resource)}\r\n`),
    Buffer.from(`--${boundary}\r\ncontent-type: ${contentType}\r\n\r\n`),
    content,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
}

function objectOf(resource: Readonly<Record<string, unknown>>, bucket: string, name: string): StoredObject {
  const hash = resource['md5Hash']
  return {
    bucket,
    name,
    generation: String(resource['generation']),
    md5: typeof hash === 'string' ? Buffer.from(hash, 'base64').toString('hex') : '',
    bytes: Number(resource['size'] ?? 0),
    metadata: (resource['metadata'] ?? {}) as Readonly<Record<string, string>>,
  }
}
