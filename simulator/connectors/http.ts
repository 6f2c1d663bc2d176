import type { CloudRequest, Dispatch } from '../cloud/request.ts'
import { connectionError, httpError, timeoutError } from '../engine/errors.ts'
import type { CallContext, EngineHost, StepPlace } from '../engine/host.ts'
import { chooseReadings, type Readings } from '../engine/readings.ts'
import { int, type RuntimeValue } from '../engine/value.ts'
import { authorization, type TokenSource } from './authorization.ts'
import { inOneInstant, readResponse, RESPONSE_BYTES, type Answer, type Cloud } from './client.ts'
import { exchange, type Endpoint, type NetworkRequest, type NetworkResponse } from './exchange.ts'
import { readCall, type HttpRequest } from './http-call.ts'
import { gateFor, isLoopback, type OutwardGate } from './outward.ts'

export interface HttpOptions {
  /** Requests to Google's APIs that the local cloud has go there, not to Google. */
  readonly dispatch: Dispatch
  /** Origin of the local cloud itself, e.g. of callback endpoints. */
  readonly origin: string
  /** Makes the tokens of calls with `auth`. */
  readonly identity: TokenSource
  /** Cloud Run services on this machine: what answers at an address, or null. */
  readonly service?: (url: URL) => Promise<Endpoint | null>
  /** Asked before a request leaves the process. @default none: all do */
  readonly standIn?: StandIn
  /** Asked before a request leaves this machine. @default none: all may */
  readonly outward?: OutwardGate
  /** Where the documentation is silent: other than the default readings. */
  readonly readings?: Partial<Readings>
}

/** Answers requests in place of the network and of Cloud Run services; null for one that it leaves to them. */
export type StandIn = (request: NetworkRequest, from: StepPlace) => Promise<StandInAnswer | null>

export interface StandInAnswer {
  /** When the answer comes, on the clock. */
  readonly afterMs: number
  /** Null where the connection fails. */
  readonly response: NetworkResponse | null
}

/** Hosts whose paths the local cloud serves, with a region in front or not. */
const local =
  /^([a-z0-9-]+-)?(workflows|workflowexecutions|run|storage|bigquery|pubsub|secretmanager)\.googleapis\.com$/

/** `http.*` of the standard library, with real requests. */
export function createHttp(options: HttpOptions): EngineHost['http'] {
  const cloud: Cloud = { dispatch: options.dispatch, readings: chooseReadings(options.readings) }
  return async ({ method, args }, context) => {
    const from = context.currentStep()
    const call = readCall(method, args, cloud.readings)
    const token = authorization(args.get('auth') ?? null, call.givenUrl, {
      identity: options.identity,
      email: context.environment('GOOGLE_CLOUD_SERVICE_ACCOUNT_NAME') ?? '',
    })
    if (token !== null) call.headers.set('authorization', token)
    const { status, headers, body } =
      call.url.origin === options.origin || local.test(call.url.hostname)
        ? await exchangeLocally(cloud, call, context)
        : ((await exchangeWithStandIn(call, from, context, cloud.readings, options)) ??
          (await context.clock.track(exchangeOverNetwork(call, from, context, cloud.readings, options))))
    if (status >= 400) throw httpError(status, headers, body)
    return new Map<string, RuntimeValue>([
      ['code', int(status)],
      ['headers', headers],
      ['body', body],
    ])
  }
}

async function exchangeLocally(
  { dispatch, readings }: Cloud,
  { method, url, headers, body }: HttpRequest,
  context: CallContext,
): Promise<Answer> {
  const request: CloudRequest = {
    method: method as CloudRequest['method'],
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: body ?? new Uint8Array(),
  }
  return readResponse(await inOneInstant(dispatch, request, context), readings)
}

/** In the time that the stand-in says, and no other; null where it leaves the request to the network. */
async function exchangeWithStandIn(
  call: HttpRequest,
  from: StepPlace,
  { clock, inTurn, signal }: CallContext,
  readings: Readings,
  { standIn }: HttpOptions,
): Promise<Answer | null> {
  if (standIn === undefined) return null
  const release = clock.hold?.()
  const answer = await inTurn(standIn(call, from)).finally(() => release?.())
  if (answer === null) return null
  const { afterMs, response } = answer
  await clock.sleep(Math.min(afterMs, call.timeoutMs), signal)
  if (afterMs > call.timeoutMs) throw timeoutError('request timed out')
  if (response === null) throw connectionError('the connection was closed')
  const { status, headers, bytes } = response
  return readResponse({ status, headers, body: { bytes } }, readings)
}

async function exchangeOverNetwork(
  call: HttpRequest,
  from: StepPlace,
  context: CallContext,
  readings: Readings,
  { service, outward }: HttpOptions,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(call.timeoutMs)
  const signal = AbortSignal.any([timeout, context.signal])
  const endpoint = isLoopback(call.url) ? null : await service?.(call.url)
  try {
    const { status, headers, bytes } =
      endpoint === null || endpoint === undefined
        ? await exchange(call, {
            signal,
            followRedirects: readings.redirects === 'followed',
            limit: RESPONSE_BYTES,
            gate: gateFor(outward, from, context),
          })
        : await endpoint(call, { signal, limit: RESPONSE_BYTES })
    return readResponse({ status, headers, body: { bytes } }, readings)
  } catch (error) {
    context.signal.throwIfAborted()
    if (timeout.aborted) throw timeoutError('request timed out')
    throw error
  }
}
