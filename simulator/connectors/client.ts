import type { CloudRequest, CloudResponse, Dispatch } from '../cloud/request.ts'
import { httpError } from '../engine/errors.ts'
import type { CallContext } from '../engine/host.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import { decodeBody } from './body.ts'

export interface Answer {
  readonly status: number
  readonly headers: RuntimeMap
  readonly body: RuntimeValue
}

/**
 * Every connector retries 429 and 503 by itself before the error reaches the workflow, five times with the default
 * backoff. https://cloud.google.com/workflows/docs/connectors#retries
 */
const RETRIES = 5
const FIRST_DELAY_MS = 1000
const DELAY_GROWTH = 1.25
const LONGEST_DELAY_MS = 60_000

/** Sends a request to the local cloud; raises HttpError for a status of 400 or above. */
export async function send(
  dispatch: Dispatch,
  request: CloudRequest,
  context: CallContext,
): Promise<RuntimeValue> {
  let delay = FIRST_DELAY_MS
  for (let attempt = 0; ; attempt += 1) {
    context.signal.throwIfAborted()
    const response = await inOneInstant(dispatch, request, context)
    if ((response.status === 429 || response.status === 503) && attempt < RETRIES) {
      await context.clock.sleep(delay, context.signal)
      delay = Math.min(delay * DELAY_GROWTH, LONGEST_DELAY_MS)
      continue
    }
    const answer = readResponse(response)
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
  { clock }: CallContext,
): Promise<CloudResponse> {
  const release = clock.hold?.()
  try {
    return await dispatch(request)
  } finally {
    release?.()
  }
}

/** A response as a workflow sees one. */
export function readResponse(response: CloudResponse): Answer {
  const given = Object.entries(response.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  )
  const headers = new Map<string, string>(given)
  const { body } = response
  if (body === undefined) return { status: response.status, headers, body: null }
  if ('bytes' in body) {
    const type = headers.get('content-type') ?? ''
    return { status: response.status, headers, body: decodeBody(body.bytes, type) }
  }
  headers.set('content-type', 'application/json; charset=UTF-8')
  const text = new TextEncoder().encode(JSON.stringify(body.json))
  return { status: response.status, headers, body: decodeBody(text, 'application/json') }
}
