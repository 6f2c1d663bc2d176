import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { apiError } from './errors.ts'
import { partialResponse } from './partial.ts'
import type { CloudRequest, CloudResponse, CloudService, Dispatch } from './request.ts'

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** A longer body is answered with 413. @default 1 GiB */
  readonly maxBodyBytes?: number
}

export interface Server {
  readonly port: number
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Asks the services in order; the first that owns the path answers. A HEAD that none of them knows is a GET. Never
 * rejects.
 */
export function createDispatch(services: readonly CloudService[]): Dispatch {
  return async (request) => {
    try {
      const asked = request.method === 'HEAD' ? [request, { ...request, method: 'GET' } as const] : [request]
      for (const one of asked) {
        for (const service of services) {
          const response = await service.handle(one)
          if (response !== null) return partialResponse(one, response)
        }
      }
      if (request.method === 'OPTIONS') return apiError(405, 'Method not allowed: OPTIONS')
      return apiError(404, `Method not found: ${request.method} ${request.path}`)
    } catch (error) {
      return apiError(500, `Internal error: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** Serves `dispatch` on 127.0.0.1; rejects when the port is taken. */
export async function listen(dispatch: Dispatch, options: ServerOptions): Promise<Server> {
  const limit = options.maxBodyBytes ?? 1024 ** 3
  const server = createServer((incoming, outgoing) => {
    answer(incoming, dispatch, limit)
      .then((response) => send(outgoing, response))
      // The client went away while it sent or received.
      .catch(() => outgoing.destroy())
  })
  // Google's Node clients keep connections open; the default of 5 s closes them under a request's feet.
  server.keepAliveTimeout = 120_000
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(incoming: IncomingMessage, dispatch: Dispatch, limit: number): Promise<CloudResponse> {
  const refusal = refuse(incoming)
  if (refusal !== null) return refusal
  const method = methodOf(incoming.method)
  if (method === null) return apiError(405, `Method not allowed: ${incoming.method}`)
  const body = await readBody(incoming, limit)
  if (body === null) return apiError(413, `The request body is larger than ${limit} bytes.`)
  const { path, query } = splitTarget(incoming.url ?? '/')
  const plain = isObject(method, path)
    ? body
    : await decoded(incoming.headers['content-encoding'], body, limit)
  if (plain === null) return apiError(400, 'The request body is not what its Content-Encoding says.')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return await dispatch({ method, path, query, headers, body: plain })
}

/**
 * Only the machine itself may talk to the emulator: a page in a browser could otherwise reach it, by a name that
 * resolves to 127.0.0.1 (Host) or by a cross-site request (Origin).
 */
function refuse(incoming: IncomingMessage): CloudResponse | null {
  const host = incoming.headers.host
  if (host === undefined || !isLoopback(host))
    return apiError(403, `Host ${host ?? '(none)'} is not loopback.`)
  const origin = incoming.headers.origin
  if (origin !== undefined && !isLoopback(origin.replace(/^https?:\/\//, ''))) {
    return apiError(403, `Origin ${origin} is not loopback.`)
  }
  return null
}

function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)
}

function methodOf(method: string | undefined): CloudRequest['method'] | null {
  switch (method) {
    case 'GET':
    case 'POST':
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
    case 'HEAD':
    case 'OPTIONS':
      return method
    default:
      return null
  }
}

/** The body, or null when it is longer than the limit; the rest is read and dropped so that the answer arrives. */
async function readBody(incoming: IncomingMessage, limit: number): Promise<Uint8Array | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= limit) chunks.push(chunk)
    else chunks.length = 0
  }
  return length > limit ? null : Buffer.concat(chunks)
}

/** An object put by `/bucket/object` is kept as it comes: there the header describes the object. */
function isObject(method: CloudRequest['method'], path: string): boolean {
  return method === 'PUT' && !/^\/(upload|resumable|storage|bigquery|projects|b|v\d+)\//.test(path)
}

const decompress = promisify(gunzip)

/** The body as it was before the client compressed it for the way here; null where that is not so. */
async function decoded(
  encoding: string | undefined,
  body: Uint8Array,
  limit: number,
): Promise<Uint8Array | null> {
  if (encoding?.toLowerCase() !== 'gzip' || body.length === 0) return body
  return await decompress(body, { maxOutputLength: limit }).catch(() => null)
}

/** The path stays percent-encoded; an absolute URI (a client that sees us as its proxy) loses scheme and host. */
function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const relative = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^\/*/, '/')
  const mark = relative.indexOf('?')
  if (mark === -1) return { path: relative, query: new URLSearchParams() }
  return { path: relative.slice(0, mark), query: new URLSearchParams(relative.slice(mark + 1)) }
}

function send(outgoing: ServerResponse, response: CloudResponse): void {
  const headers: Record<string, string> = { ...response.headers }
  let bytes: Uint8Array = new Uint8Array()
  if (response.body !== undefined) {
    if ('json' in response.body) {
      bytes = new TextEncoder().encode(JSON.stringify(response.body.json))
      headers['content-type'] = 'application/json; charset=UTF-8'
    } else {
      bytes = response.body.bytes
    }
  }
  if (response.status !== 204 && response.status !== 304) headers['content-length'] ??= String(bytes.length)
  outgoing.writeHead(response.status, headers)
  outgoing.end(bytes)
}
