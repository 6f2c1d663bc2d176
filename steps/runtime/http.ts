import type { StepClock } from './clock.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** A response with its body read to the end, as bytes. */
export interface HttpExchange {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch. */
  readonly requestedAt: number
}

export interface HttpRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends a request when the rate allows it. Rejects only where there was no response at all. */
export type HttpClient = (url: string, request: HttpRequest) => Promise<HttpExchange>

export type Fetch = typeof globalThis.fetch

export interface HttpOptions {
  fetch: Fetch
  clock: StepClock
  limiter: RateLimiter
  /** Ends whatever is under way. */
  signal: AbortSignal
  /** How long one response may take, in milliseconds. */
  timeoutMs: number
}

export function createHttpClient({ fetch, clock, limiter, signal, timeoutMs }: HttpOptions): HttpClient {
  return async (url, request) => {
    await limiter.acquire(signal)
    const requestedAt = clock.now()
    const response = await fetch(url, {
      ...request,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes, requestedAt }
  }
}
