import { X509Certificate } from 'node:crypto'
import { typeError, valueError } from '../engine/errors.ts'
import { JsonError, writeJson } from '../engine/json.ts'
import type { Readings } from '../engine/readings.ts'
import { int, isList, isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'

/** What `http.*` was asked for, checked. */
export interface HttpRequest {
  readonly method: string
  /** With the query that was given apart. */
  readonly url: URL
  /** As it was given, to the letter. */
  readonly givenUrl: string
  readonly headers: Headers
  readonly body: Uint8Array | null
  readonly timeoutMs: number
  /** PEM of the certificate authority that is trusted in place of the usual ones. */
  readonly ca?: string
}

/** https://cloud.google.com/workflows/docs/http-requests */
const LONGEST_TIMEOUT_SECONDS = 1800
const USER_AGENT = 'GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)'
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const PRIVATE_SERVICE = /^projects\/[^/]+\/locations\/[^/]+\/namespaces\/[^/]+\/services\/[^/]+$/

/**
 * Reads the arguments; raises TypeError or ValueError for those that do not fit.
 * https://cloud.google.com/workflows/docs/reference/stdlib/http/post
 */
export function readCall(method: string, args: RuntimeMap, readings: Readings): HttpRequest {
  if (!METHOD.test(method)) throw valueError(`invalid method: ${method}`)
  const givenUrl = args.get('url')
  if (typeof givenUrl !== 'string') throw typeError('url must be a string')
  const url = readUrl(givenUrl)
  checkPrivateService(args.get('private_service_name') ?? null, url)
  const query = mapArgument('query', args)
  const added = new URLSearchParams()
  for (const [key, value] of query) {
    for (const item of isList(value) ? value : [value]) added.append(key, scalarText('query', key, item))
  }
  // What the address has already stays as it is written: it may be signed.
  if (added.size > 0) url.search += `${url.search === '' ? '?' : '&'}${added.toString()}`
  const headers = readHeaders(mapArgument('headers', args))
  const body = readBody(args.get('body'), headers)
  const ca = readCertificate(args.get('ca_certificate') ?? null)
  return {
    method: method.toUpperCase(),
    url,
    givenUrl,
    headers,
    body,
    timeoutMs: readTimeout(args.get('timeout') ?? int(Number(readings.httpTimeout))) * 1000,
    ...(ca !== null && { ca }),
  }
}

function mapArgument(name: string, args: RuntimeMap): RuntimeMap {
  const value = args.get(name) ?? null
  if (value === null) return new Map()
  if (!isMap(value)) throw typeError(`${name} must be a map`)
  return value
}

function readUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || !/^https?:$/.test(url.protocol)) throw valueError(`invalid url: ${value}`)
  return url
}

/** A name of Service Directory; the address beside it has no port. The request itself goes to the address. */
function checkPrivateService(name: RuntimeValue, url: URL): void {
  if (name === null) return
  if (typeof name !== 'string') throw typeError('private_service_name must be a string')
  if (!PRIVATE_SERVICE.test(name)) throw valueError(`invalid private_service_name: ${name}`)
  if (url.port !== '') throw valueError('with private_service_name the url must not have a port')
}

/** One certificate in DER, which the platform takes as PEM only. */
function readCertificate(value: RuntimeValue): string | null {
  if (value === null) return null
  if (!(value instanceof Uint8Array)) throw valueError('ca_certificate must be bytes')
  try {
    const certificate = new X509Certificate(value)
    if (certificate.raw.equals(value)) return certificate.toString()
  } catch {
    // What it says is of no use to a workflow.
  }
  throw valueError('ca_certificate must be a certificate in DER format')
}

function readHeaders(given: RuntimeMap): Headers {
  const headers = new Headers()
  for (const [key, value] of given) {
    const text = scalarText('headers', key, value)
    try {
      headers.set(key, text)
    } catch {
      throw valueError(`invalid header: ${key}`)
    }
  }
  const agent = headers.get('user-agent')
  headers.set('user-agent', agent === null ? USER_AGENT : `${agent} ${USER_AGENT}`)
  return headers
}

function readTimeout(value: RuntimeValue): number {
  if (typeof value !== 'bigint' && typeof value !== 'number') throw typeError('timeout must be a number')
  const seconds = Number(value)
  if (!(seconds > 0 && seconds <= LONGEST_TIMEOUT_SECONDS)) {
    throw valueError(`timeout must be between 0 and ${LONGEST_TIMEOUT_SECONDS} seconds`)
  }
  return seconds
}

/** The content type says how the body is encoded; without one bytes are sent as they are, all else as JSON. */
function readBody(body: RuntimeValue | undefined, headers: Headers): Uint8Array | null {
  if (body === undefined) return null
  const type = headers.get('content-type')
  if (body instanceof Uint8Array) {
    if (type === null) headers.set('content-type', 'application/octet-stream')
    return body
  }
  if (type !== null && !/json/i.test(type)) {
    if (typeof body === 'string') return new TextEncoder().encode(body)
    if (isMap(body) && /^application\/x-www-form-urlencoded\b/i.test(type)) return encodeForm(body)
  }
  if (type === null) headers.set('content-type', 'application/json; charset=utf-8')
  try {
    return new TextEncoder().encode(writeJson(body))
  } catch (error) {
    if (error instanceof JsonError) throw typeError(`the body cannot be sent as JSON: ${error.message}`)
    throw error
  }
}

function encodeForm(fields: RuntimeMap): Uint8Array {
  const form = new URLSearchParams()
  for (const [key, value] of fields) {
    for (const item of isList(value) ? value : [value]) form.append(key, scalarText('body', key, item))
  }
  return new TextEncoder().encode(form.toString())
}

function scalarText(what: string, key: string, value: RuntimeValue): string {
  if (typeof value === 'object')
    throw typeError(`${what}: the value of "${key}" must be a string, number or boolean`)
  return String(value)
}
