import type { Clock } from '../../clock.ts'
import { decodeBody } from '../../connectors/body.ts'
import { valueError } from '../../engine/errors.ts'
import type { CallbackHost } from '../../engine/host.ts'
import type { RuntimeMap, RuntimeValue } from '../../engine/value.ts'
import type { Ids } from '../ids.ts'
import { timestamp } from '../names.ts'
import type { CloudRequest } from '../request.ts'
import { ApiError } from '../routes.ts'

interface Endpoint {
  readonly name: string
  readonly method: string
  readonly url: string
  /** A request that nobody has awaited yet. */
  pending: RuntimeMap | null
  readonly waiters: ((request: RuntimeMap) => void)[]
}

/** Callback endpoints of one running execution. https://cloud.google.com/workflows/docs/creating-callback-endpoints */
export class Callbacks implements CallbackHost {
  readonly #execution: string
  readonly #clock: Clock
  readonly #rootUrl: () => string
  readonly #ids: Ids
  readonly #endpoints = new Map<string, Endpoint>()

  constructor(execution: string, clock: Clock, rootUrl: () => string, ids: Ids) {
    this.#execution = execution
    this.#clock = clock
    this.#rootUrl = rootUrl
    this.#ids = ids
  }

  create(method: string): RuntimeMap {
    const name = `${this.#execution}/callbacks/${this.#ids.uuid(this.#execution)}`
    const url = `${this.#rootUrl()}/v1/${name}`
    this.#endpoints.set(name, { name, method, url, pending: null, waiters: [] })
    return new Map([['url', url]])
  }

  receive(callback: RuntimeMap, signal: AbortSignal): Promise<RuntimeMap> {
    const url = callback.get('url')
    const endpoint = [...this.#endpoints.values()].find((one) => one.url === url)
    if (endpoint === undefined) {
      return Promise.reject(valueError('events.await_callback: no endpoint of this execution has that url'))
    }
    const { pending } = endpoint
    if (pending !== null) {
      endpoint.pending = null
      return Promise.resolve(pending)
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        endpoint.waiters.splice(endpoint.waiters.indexOf(waiter), 1)
        reject(signal.reason)
      }
      const waiter = (request: RuntimeMap) => {
        signal.removeEventListener('abort', abort)
        resolve(request)
      }
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      endpoint.waiters.push(waiter)
    })
  }

  /** A request from outside; throws `ApiError` where it is not accepted. */
  deliver(name: string, request: CloudRequest): void {
    const endpoint = this.#endpoints.get(name)
    if (endpoint === undefined) throw new ApiError(404, `Callback "${name}" not found`)
    if (endpoint.method !== request.method) {
      throw new ApiError(405, `Callback "${name}" takes ${endpoint.method}`, {
        status: 'INVALID_ARGUMENT',
        reason: 'httpMethodNotAllowed',
      })
    }
    if (endpoint.pending !== null) throw new ApiError(429, `Callback "${name}" has a request waiting already`)
    const received = receivedRequest(request, timestamp(this.#clock.now()))
    const waiter = endpoint.waiters.shift()
    if (waiter === undefined) endpoint.pending = received
    else waiter(received)
  }

  /** `callbacks.list` */
  list(): readonly Readonly<Record<string, unknown>>[] {
    return [...this.#endpoints.values()].map(({ name, method, pending, waiters }) => ({
      name,
      method,
      availablePayloads: pending === null ? [] : ['1'],
      waiters: String(waiters.length),
    }))
  }
}

/**
 * What `events.await_callback` returns. The documentation shows every header with a list of values; that query
 * parameters look the same is an assumption.
 */
function receivedRequest(request: CloudRequest, receivedTime: string): RuntimeMap {
  const headers = Object.entries(request.headers).map(([name, value]): [string, RuntimeValue] => [
    canonicalName(name),
    [value],
  ])
  const query = [...new Set(request.query.keys())].map((name): [string, RuntimeValue] => [
    name,
    request.query.getAll(name),
  ])
  const search = request.query.size === 0 ? '' : `?${request.query.toString()}`
  return new Map<string, RuntimeValue>([
    [
      'http_request',
      new Map<string, RuntimeValue>([
        [
          'body',
          request.body.length === 0 ? null : decodeBody(request.body, request.headers['content-type'] ?? ''),
        ],
        ['headers', new Map(headers)],
        ['method', request.method],
        ['query', new Map(query)],
        ['url', `${request.path}${search}`],
      ]),
    ],
    ['received_time', receivedTime],
    ['type', 'HTTP'],
  ])
}

/** `content-type` -> `Content-Type` */
function canonicalName(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}
