import type { CloudRequest, CloudResponse, Dispatch } from '../cloud/request.ts'
import { httpError, resourceLimitError, timeoutError } from '../engine/errors.ts'
import type { CallContext } from '../engine/host.ts'
import type { Readings } from '../engine/readings.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import { decodeBody, isJson } from './body.ts'
import { responseHeaders } from './headers.ts'

/** Where calls go, and how open questions are answered. */
export interface Cloud {
  readonly dispatch: Dispatch
  readonly readings: Readings
}

export interface Answer {
  readonly status: number
  readonly headers: RuntimeMap
  readonly body: RuntimeValue
}

/** Longest response. https://cloud.google.com/workflows/quotas#resource_limits */
export const RESPONSE_BYTES = 2 * 1024 * 1024

/**
 * Every connector retries by itself before the error reaches the workflow, five times with the default backoff: a GET
 * as `http.default_retry` does, anything else as its non-idempotent variant.
 * https://cloud.google.com/workflows/docs/connectors#retries
 */
const RETRIED: ReadonlySet<number> = new Set([429, 503])
const RETRIED_GET: ReadonlySet<number> = new Set([429, 502, 503, 504])
const RETRIES = 5
const FIRST_DELAY_MS = 1000
const DELAY_GROWTH = 1.25
const LONGEST_DELAY_MS = 60_000

/** Until when a call may go on, in milliseconds of its clock, and what it is told when it does not end by then. */
export interface Deadline {
  readonly at: number
  readonly message: string
}

/**
 * Sends a request to the local cloud; raises HttpError for a status of 400 or above, and TimeoutError where its
 * retries would go beyond the deadline.
 */
export async function send(
  { dispatch, readings }: Cloud,
  request: CloudRequest,
  context: CallContext,
  deadline: Deadline,
): Promise<RuntimeValue> {
  const retried = request.method === 'GET' ? RETRIED_GET : RETRIED
  let delay = FIRST_DELAY_MS
  for (let attempt = 0; ; attempt += 1) {
    context.signal.throwIfAborted()
    const response = await inOneInstant(dispatch, request, context)
    if (retried.has(response.status) && attempt < RETRIES) {
      const left = deadline.at - context.clock.now()
      await context.clock.sleep(Math.min(delay, left), context.signal)
      if (delay >= left) throw timeoutError(deadline.message)
      delay = Math.min(delay * DELAY_GROWTH, LONGEST_DELAY_MS)
      continue
    }
    const asText = readings.mediaDecoding === 'text' && request.query.get('alt') === 'media'
    const answer = readResponse(response, readings, asText)
    if (answer.status >= 400) throw httpError(answer.status, answer.headers, answer.body)
    return answer.body
  }
}

/**
 * A request to the local cloud takes no virtual time: without the hold, another branch's timer could fire while
 * this branch waits for the disk. Services must therefore not sleep on the clock inside a request.
 */
export async function inOneInstant(
  dispatch: Dispatch,
  request: CloudRequest,
  { clock, inTurn }: CallContext,
): Promise<CloudResponse> {
  const release = clock.hold?.()
  try {
    return await inTurn(dispatch(request))
  } finally {
    release?.()
  }
}

/** A response as a workflow sees one; `asText` leaves JSON as it came. */
export function readResponse(response: CloudResponse, readings: Readings, asText = false): Answer {
  const { status, body } = response
  const given = new Headers(response.headers)
  if (body !== undefined && 'json' in body) given.set('content-type', 'application/json; charset=UTF-8')
  const headers = responseHeaders(given, readings.headerCase)
  if (body === undefined) return { status, headers, body: null }
  const bytes = 'bytes' in body ? body.bytes : new TextEncoder().encode(JSON.stringify(body.json))
  if (bytes.length > RESPONSE_BYTES)
    throw resourceLimitError(`the response is larger than ${RESPONSE_BYTES} bytes`)
  const type = given.get('content-type')
  // Nothing came, and nothing says what it would have been.
  if (type === null && bytes.length === 0) return { status, headers, body: null }
  const isText = asText && status < 400 && isJson(type ?? '')
  return {
    status,
    headers,
    body: decodeBody(bytes, isText ? 'text/plain' : (type ?? ''), readings.invalidJson),
  }
}
