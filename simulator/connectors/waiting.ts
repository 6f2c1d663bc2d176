import { poll } from '../clock.ts'
import { responseTypeError, timeoutError, typeError, valueError } from '../engine/errors.ts'
import type { CallContext } from '../engine/host.ts'
import type { Readings } from '../engine/readings.ts'
import { isList, isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'
import { send, type Cloud, type Deadline } from './client.ts'
import type { RestMethod } from './method.ts'
import { buildRequest } from './request.ts'

/** How a step follows what its call started. */
export interface Wait {
  /** False where the step does not wait at all. @default true */
  applies?(readings: Readings): boolean
  /** The REST method that reads how it is doing. */
  readonly poll: RestMethod
  /** Arguments of the poll, from the first answer and the call's own arguments; null: the answer has no such thing. */
  pollArgs(first: RuntimeMap, args: RuntimeMap): RuntimeMap | null
  /** The step's result once it has ended, null while it goes on; raises OperationError when it failed. */
  settle(answer: RuntimeMap, readings: Readings): { readonly value: RuntimeValue } | null
}

/** `connector_params`. https://cloud.google.com/workflows/docs/reference/googleapis#invoke_a_connector_call */
export interface ConnectorParams {
  readonly timeoutMs: number
  readonly skipPolling: boolean
  readonly initialDelayMs: number
  readonly multiplier: number
  readonly maxDelayMs: number
}

const ONE_YEAR_SECONDS = 31_536_000

export function readConnectorParams(name: string, given: RuntimeValue | undefined): ConnectorParams {
  const params = mapArgument(name, 'connector_params', given)
  const policy = mapArgument(name, 'polling_policy', params.get('polling_policy'))
  const skip = params.get('skip_polling') ?? false
  if (typeof skip !== 'boolean') throw typeError(`${name}: skip_polling must be a boolean`)
  checkScopes(name, params.get('scopes') ?? null)
  const timeout = numberArgument(name, 'timeout', params.get('timeout'), 1800)
  if (timeout > ONE_YEAR_SECONDS)
    throw valueError(`${name}: timeout must be at most ${ONE_YEAR_SECONDS} seconds`)
  return {
    timeoutMs: timeout * 1000,
    skipPolling: skip,
    initialDelayMs: numberArgument(name, 'initial_delay', policy.get('initial_delay'), 1) * 1000,
    multiplier: numberArgument(name, 'multiplier', policy.get('multiplier'), 1.25),
    maxDelayMs: numberArgument(name, 'max_delay', policy.get('max_delay'), 60) * 1000,
  }
}

/** Polls until the end; each poll is a billed step. The end of the wait does not stop what is waited for. */
export async function waitForEnd(
  name: string,
  wait: Wait,
  first: RuntimeValue,
  args: RuntimeMap,
  { params, deadline }: { readonly params: ConnectorParams; readonly deadline: Deadline },
  cloud: Cloud,
  context: CallContext,
): Promise<RuntimeValue> {
  if (!isMap(first)) throw unexpected(first)
  const settled = wait.settle(first, cloud.readings)
  if (settled !== null) return settled.value
  const pollArgs = wait.pollArgs(first, args)
  if (pollArgs === null) throw unexpected(first)
  const request = buildRequest(name, wait.poll, pollArgs)
  let delay = params.initialDelayMs
  for (;;) {
    const left = deadline.at - context.clock.now()
    if (left <= 0) throw timeoutError(deadline.message)
    await poll(context.clock, Math.min(delay, left), context.signal)
    context.countStep()
    const answer = await send(cloud, request, context, deadline)
    if (!isMap(answer)) throw unexpected(answer)
    const end = wait.settle(answer, cloud.readings)
    if (end !== null) return end.value
    delay = Math.min(delay * params.multiplier, params.maxDelayMs)
  }
}

function unexpected(answer: RuntimeValue) {
  return responseTypeError('Long-running operation returned unexpected response.', answer)
}

/** More OAuth2 scopes of the call's token: text, or a list of it. The local cloud asks for none. */
function checkScopes(name: string, scopes: RuntimeValue): void {
  const isText = (value: RuntimeValue) => typeof value === 'string'
  if (scopes === null || isText(scopes) || (isList(scopes) && scopes.every(isText))) return
  throw typeError(`${name}: scopes must be a string or a list of strings`)
}

function mapArgument(name: string, key: string, value: RuntimeValue | undefined): RuntimeMap {
  if (value === undefined || value === null) return new Map()
  if (!isMap(value)) throw typeError(`${name}: ${key} must be a map`)
  return value
}

function numberArgument(
  name: string,
  key: string,
  value: RuntimeValue | undefined,
  standard: number,
): number {
  if (value === undefined || value === null) return standard
  if (typeof value !== 'bigint' && typeof value !== 'number')
    throw typeError(`${name}: ${key} must be a number`)
  const number = Number(value)
  if (!(number > 0)) throw valueError(`${name}: ${key} must be positive`)
  return number
}
