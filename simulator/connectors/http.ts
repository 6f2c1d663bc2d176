import type { CloudRequest, Dispatch } from '../cloud/request.ts'
import {
  connectionError,
  connectionFailedError,
  httpError,
  resourceLimitError,
  timeoutError,
  typeError,
  valueError,
} from '../engine/errors.ts'
import type { CallContext, EngineHost } from '../engine/host.ts'
import { chooseReadings, type Readings } from '../engine/readings.ts'
import { JsonError, writeJson } from '../engine/json.ts'
import { int, isList, isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'
import { authorization } from './authorization.ts'
import { inOneInstant, readResponse, type Cloud } from './client.ts'

export interface HttpOptions {
  /** Requests to Google's APIs that the local cloud has go there, not to Google. */
  readonly dispatch: Dispatch
  /** Origin of the local cloud itself, e.g. of callback endpoints. */
  readonly origin: string
  /** Where the documentation is silent: other than the default readings. */
  readonly readings?: Partial<Readings>
}

/** https://cloud.google.com/workflows/docs/http-requests */
const LONGEST_TIMEOUT_SECONDS = 1800
/** https://cloud.google.com/workflows/quotas#resource_limits */
const RESPONSE_BYTES = 2 * 1024 * 1024
const USER_AGENT = 'GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)'

/** Hosts whose paths the local cloud serves, with a region in front or not. */
const local =
  /^([a-z0-9-]+-)?(workflows|workflowexecutions|run|storage|bigquery|pubsub|secretmanager)\.googleapis\.com$/

/** `http.*` of the standard library, with real requests. */
export function createHttp(options: HttpOptions): EngineHost['http'] {
  const cloud: Cloud = { dispatch: options.dispatch, readings: chooseReadings(options.readings) }
  return async ({ method, args }, context) => {
    const call = readCall(method, args, cloud.readings)
    const exchange =
      call.url.origin === options.origin || local.test(call.url.hostname)
        ? await exchangeLocally(cloud, call, context)
        : await context.clock.track(exchangeOverNetwork(call, context, cloud.readings))
    const { status, headers, body } = exchange
    if (status >= 400) throw httpError(status, headers, body)
    return new Map<string, RuntimeValue>([
      ['code', int(status)],
      ['headers', headers],
      ['body', body],
    ])
  }
}

interface Call {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: Uint8Array | null
  readonly timeoutMs: number
}

interface Exchange {
  readonly status: number
  readonly headers: RuntimeMap
  readonly body: RuntimeValue
}

function readCall(method: string, args: RuntimeMap, readings: Readings): Call {
  const url = readUrl(args.get('url'))
  const query = args.get('query') ?? null
  if (query !== null && !isMap(query)) throw typeError('query must be a map')
  for (const [key, value] of query ?? []) {
    for (const item of isList(value) ? value : [value])
      url.searchParams.append(key, scalarText('query', key, item))
  }
  const headers = new Headers()
  const given = args.get('headers') ?? null
  if (given !== null && !isMap(given)) throw typeError('headers must be a map')
  for (const [key, value] of given ?? []) setHeader(headers, key, scalarText('headers', key, value))
  const agent = headers.get('user-agent')
  headers.set('user-agent', agent === null ? USER_AGENT : `${agent} ${USER_AGENT}`)
  const auth = authorization(args.get('auth') ?? null, url)
  if (auth !== null) headers.set('authorization', auth)
  const body = readBody(args.get('body'), headers)
  return {
    method: method.toUpperCase(),
    url,
    headers,
    body,
    timeoutMs: readTimeout(args.get('timeout') ?? int(Number(readings.httpTimeout))) * 1000,
  }
}

function readUrl(value: RuntimeValue | undefined): URL {
  if (typeof value !== 'string') throw typeError('url must be a string')
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || !/^https?:$/.test(url.protocol)) throw valueError(`invalid url: ${value}`)
  return url
}

function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value)
  } catch {
    throw valueError(`invalid header: ${name}`)
  }
}

function readTimeout(value: RuntimeValue): number {
  if (typeof value !== 'bigint' && typeof value !== 'number') throw typeError('timeout must be a number')
  const seconds = Number(value)
  if (!(seconds > 0 && seconds <= LONGEST_TIMEOUT_SECONDS)) {
    throw valueError(`timeout must be between 0 and ${LONGEST_TIMEOUT_SECONDS} seconds`)
  }
  return seconds
}

function readBody(body: RuntimeValue | undefined, headers: Headers): Uint8Array | null {
  if (body === undefined) return null
  const type = headers.get('content-type')
  if (body instanceof Uint8Array) {
    if (type === null) headers.set('content-type', 'application/octet-stream')
    return body
  }
  // With a content type of its own that is not JSON, text is sent as it stands.
  if (typeof body === 'string' && type !== null && !/json/i.test(type)) return new TextEncoder().encode(body)
  if (type === null) headers.set('content-type', 'application/json; charset=utf-8')
  try {
    return new TextEncoder().encode(writeJson(body))
  } catch (error) {
    if (error instanceof JsonError) throw typeError(`the body cannot be sent as JSON: ${error.message}`)
    throw error
  }
}

function scalarText(what: string, key: string, value: RuntimeValue): string {
  if (typeof value === 'object')
    throw typeError(`${what}: the value of "${key}" must be a string, number or boolean`)
  return String(value)
}

async function exchangeLocally(
  { dispatch, readings }: Cloud,
  { method, url, headers, body }: Call,
  context: CallContext,
): Promise<Exchange> {
  const request: CloudRequest = {
    method: method as CloudRequest['method'],
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: body ?? new Uint8Array(),
  }
  return readResponse(await inOneInstant(dispatch, request, context), readings)
}

async function exchangeOverNetwork(call: Call, context: CallContext, readings: Readings): Promise<Exchange> {
  const timeout = AbortSignal.timeout(call.timeoutMs)
  const signal = AbortSignal.any([timeout, context.signal])
  let connected = false
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: call.headers,
      signal,
      redirect: readings.redirects === 'followed' ? 'follow' : 'manual',
      ...(call.body === null ? {} : { body: call.body }),
    })
    connected = true
    const bytes = await readBytes(response)
    const { status } = response
    return readResponse({ status, headers: Object.fromEntries(response.headers), body: { bytes } }, readings)
  } catch (error) {
    context.signal.throwIfAborted()
    if (timeout.aborted) throw timeoutError(`no complete response within ${call.timeoutMs / 1000} seconds`)
    if (!(error instanceof TypeError)) throw error
    const { code, message } = causeOf(error)
    if (!connected && failedToConnect.has(code))
      throw connectionFailedError(`cannot connect to ${call.url.host}: ${message}`)
    throw connectionError(`the connection to ${call.url.host} broke: ${message}`)
  }
}

async function readBytes(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > RESPONSE_BYTES)
      throw resourceLimitError(`the response is larger than ${RESPONSE_BYTES} bytes`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

const failedToConnect = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

/** What undici hides behind "fetch failed". */
function causeOf(error: TypeError): { readonly code: string; readonly message: string } {
  const { cause } = error
  if (!(cause instanceof Error)) return { code: '', message: error.message }
  return { code: 'code' in cause ? String(cause.code) : '', message: cause.message || error.message }
}
