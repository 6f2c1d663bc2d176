import { request as requestOverHttp, type IncomingMessage } from 'node:http'
import { request as requestOverHttps } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { connectionError, connectionFailedError, RaisedError, resourceLimitError } from '../engine/errors.ts'

/** One request as it goes over the network. */
export interface NetworkRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: Uint8Array | null
  /** PEM of the certificate authority that is trusted in place of the usual ones. */
  readonly ca?: string
}

export interface NetworkResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

export interface ExchangeOptions {
  readonly signal: AbortSignal
  readonly followRedirects: boolean
  /** Longest response in bytes; a longer one raises ResourceLimitError. */
  readonly limit: number
  /** Answers in place of the host, or raises; asked for each request, redirected ones too. @default all go out */
  readonly gate?: (request: NetworkRequest) => NetworkResponse | null
}

/** Takes the place of the network for one address. */
export type Endpoint = (
  request: NetworkRequest,
  options: Omit<ExchangeOptions, 'followRedirects' | 'gate'>,
) => Promise<NetworkResponse>

const MOST_REDIRECTS = 10
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Sends a request and reads the answer, following redirects as a browser does. Raises ConnectionFailedError where no
 * connection came about and ConnectionError where one broke; rejects with the platform's error once `signal` aborts.
 *
 * https://cloud.google.com/workflows/docs/reference/stdlib/http/request
 */
export async function exchange(first: NetworkRequest, options: ExchangeOptions): Promise<NetworkResponse> {
  let request = first
  for (let count = 0; ; count += 1) {
    const response = options.gate?.(request) ?? (await exchangeOnce(request, options))
    const { location } = response.headers
    if (!options.followRedirects || !REDIRECTS.has(response.status) || location === undefined) return response
    if (!URL.canParse(location, request.url.href)) return response
    if (count === MOST_REDIRECTS) throw connectionError(`${first.url.host}: more than ${count} redirects`)
    request = redirected(request, response.status, new URL(location, request.url))
  }
}

/** Only 307 and 308 keep the method and the body; credentials do not go to another host. */
function redirected(request: NetworkRequest, status: number, url: URL): NetworkRequest {
  const headers = new Headers(request.headers)
  if (url.host !== request.url.host) headers.delete('authorization')
  const keeps = status === 307 || status === 308 || request.method === 'GET' || request.method === 'HEAD'
  if (keeps) return { ...request, url, headers }
  headers.delete('content-type')
  return { ...request, method: 'GET', url, headers, body: null }
}

async function exchangeOnce(request: NetworkRequest, options: ExchangeOptions): Promise<NetworkResponse> {
  const state = { connected: false }
  try {
    const message = await send(request, options.signal, state)
    const bytes = await readBytes(message, options.limit)
    return { status: message.statusCode ?? 0, ...decompressed(headersOf(message), bytes, options.limit) }
  } catch (error) {
    if (error instanceof RaisedError || options.signal.aborted) throw error
    const message = error instanceof Error ? error.message || String(codeOf(error)) : String(error)
    const { host } = request.url
    if (!state.connected) throw connectionFailedError(`cannot connect to ${host}: ${message}`)
    throw connectionError(`the connection to ${host} broke: ${message}`)
  }
}

/** Each request has a connection of its own: a kept one can break under a request, which would look like a fault. */
function send(
  { method, url, headers, body, ca }: NetworkRequest,
  signal: AbortSignal,
  state: { connected: boolean },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const own = headers.has('accept-encoding') ? {} : { 'accept-encoding': 'gzip' }
    const length =
      body === null && !/^(POST|PUT|PATCH)$/.test(method) ? {} : { 'content-length': body?.length ?? 0 }
    const settings = {
      method,
      agent: false,
      signal,
      headers: { ...Object.fromEntries(headers), ...own, ...length },
    }
    const isSecure = url.protocol === 'https:'
    const outgoing = isSecure
      ? requestOverHttps(url, { ...settings, ...(ca !== undefined && { ca }) }, resolve)
      : requestOverHttp(url, settings, resolve)
    outgoing.once('error', reject)
    outgoing.once('socket', (socket) => {
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        state.connected = true
      })
    })
    outgoing.end(body ?? undefined)
  })
}

async function readBytes(message: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** What concerns this connection alone. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding'])

function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers)) {
    if (value === undefined || HOP_BY_HOP.has(name)) continue
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

/** A compressed body is taken apart unseen: neither its encoding nor its length is what the workflow gets. */
function decompressed(
  headers: Record<string, string>,
  bytes: Uint8Array,
  limit: number,
): Pick<NetworkResponse, 'headers' | 'bytes'> {
  if (headers['content-encoding'] !== 'gzip' || bytes.length === 0) return { headers, bytes }
  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers
  try {
    return { headers: rest, bytes: new Uint8Array(gunzipSync(bytes, { maxOutputLength: limit })) }
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit)
    throw error
  }
}

function tooLarge(limit: number): RaisedError {
  return resourceLimitError(`the response is larger than ${limit} bytes`)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
