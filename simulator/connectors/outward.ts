import { taggedError } from '../engine/errors.ts'
import type { CallContext, StepPlace } from '../engine/host.ts'
import type { NetworkRequest, NetworkResponse } from './exchange.ts'

/** Decides about a request of a workflow that would leave this machine: null lets it go. */
export type OutwardGate = (request: NetworkRequest, caller: OutwardCaller) => OutwardAnswer | null

interface OutwardCaller {
  readonly from: StepPlace
  /** Variables of the workflow, those that users set included. */
  readonly environment: (name: string) => string | null
}

type OutwardAnswer =
  | { readonly kind: 'answer'; readonly response: NetworkResponse }
  /** Raised as an error whose first tag is the code. */
  | { readonly kind: 'refusal'; readonly code: string; readonly message: string }

/** Addresses of this machine never leave it. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)
}

/** The gate as requests pass it, one by one. */
export function gateFor(
  outward: OutwardGate | undefined,
  from: StepPlace,
  context: CallContext,
): (request: NetworkRequest) => NetworkResponse | null {
  const caller: OutwardCaller = { from, environment: (name) => context.environment(name) }
  return (request) => {
    const answer = isLoopback(request.url) ? null : (outward?.(request, caller) ?? null)
    if (answer?.kind === 'refusal') throw taggedError([answer.code], answer.message)
    return answer === null ? null : answer.response
  }
}
