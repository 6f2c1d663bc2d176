import { exchange } from '../../../connectors/exchange.ts'
import type { Endpoint, NetworkRequest, NetworkResponse } from '../../../connectors/exchange.ts'
import { RaisedError } from '../../../engine/errors.ts'
import type { Identity } from '../../identity/tokens.ts'

/** A service as requests reach it. */
export interface Reachable {
  /** Where its requests go; starts what has to run. Rejects where that fails. */
  backend(): Promise<string>
  readonly public: boolean
  /** Besides its own address. */
  readonly audiences: readonly string[]
  /** For a response, from its first byte to its last. */
  readonly timeoutMs: number
}

/**
 * Stands between a caller and a Cloud Run service: only who shows a token for the service comes through.
 * https://cloud.google.com/run/docs/authenticating/service-to-service
 */
export function createFront(service: Reachable, identity: Pick<Identity, 'verify'>): Endpoint {
  return async (request, { signal, limit }) => {
    if (!service.public) {
      const refusal = refuse(request, service, identity)
      if (refusal !== null) return refusal
    }
    let backend: string
    try {
      backend = await service.backend()
    } catch (error) {
      return page(503, 'Service Unavailable', error instanceof Error ? error.message : String(error))
    }
    const late = AbortSignal.timeout(service.timeoutMs)
    try {
      const options = { signal: AbortSignal.any([signal, late]), followRedirects: false, limit }
      return await exchange(forwarded(request, backend), options)
    } catch (error) {
      if (signal.aborted) throw error
      if (late.aborted) return page(504, 'Gateway Timeout', 'upstream request timeout')
      const isBroken = error instanceof RaisedError && tagged(error, /^Connection/)
      if (!isBroken) throw error
      return page(503, 'Service Unavailable', error.message)
    }
  }
}

/** The address that a service answers at and tokens name: scheme and host. A longer audience at the same host is fine. */
function refuse(
  { url, headers }: NetworkRequest,
  service: Reachable,
  identity: Pick<Identity, 'verify'>,
): NetworkResponse | null {
  const given = headers.get('x-serverless-authorization') ?? headers.get('authorization')
  if (given === null) {
    return page(403, 'Forbidden', `Your client does not have permission to get URL ${url.pathname}.`)
  }
  const token = /^Bearer +(\S+)$/i.exec(given)?.[1] ?? ''
  const accepts = (audience: string) =>
    service.audiences.includes(audience) ||
    (URL.canParse(audience) && new URL(audience).origin === url.origin)
  const verification = identity.verify(token, accepts)
  if (verification.kind === 'valid') return null
  const { status, bytes, headers: type } = page(401, 'Unauthorized', verification.reason)
  const challenge = `Bearer error="invalid_token" error_description="${verification.reason}"`
  return { status, bytes, headers: { ...type, 'www-authenticate': challenge } }
}

/** The service sees who called, but gets no token that it could use elsewhere. */
function forwarded(request: NetworkRequest, backend: string): NetworkRequest {
  const { url } = request
  const target = new URL(backend)
  target.pathname = `${target.pathname.replace(/\/$/, '')}${url.pathname}`
  target.search = url.search
  const headers = new Headers(request.headers)
  const authorization = headers.get('authorization')
  headers.delete('x-serverless-authorization')
  if (authorization !== null)
    headers.set('authorization', authorization.replace(/\.[^.]*$/, '.SIGNATURE_REMOVED_BY_GOOGLE'))
  headers.set('host', url.host)
  headers.set('x-forwarded-for', '127.0.0.1')
  headers.set('x-forwarded-proto', url.protocol.slice(0, -1))
  return { ...request, url: target, headers }
}

/** What Cloud Run itself answers with is a page. */
function page(status: number, title: string, text: string): NetworkResponse {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const html = `<html><head><title>${status} ${title}</title></head><body><h1>Error: ${title}</h1><h2>${escaped}</h2></body></html>\n`
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    bytes: new TextEncoder().encode(html),
  }
}

function tagged({ value }: RaisedError, tag: RegExp): boolean {
  const tags = value instanceof Map ? value.get('tags') : undefined
  return Array.isArray(tags) && tags.some((one) => tag.test(String(one)))
}
