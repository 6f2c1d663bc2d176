import { functionValue } from '../engine/function-value.ts'
import { int, mapOf } from '../engine/value.ts'
import { anything, plain } from './function.ts'
import type { RuntimeValue } from '../engine/value.ts'

/** https://cloud.google.com/workflows/docs/reference/stdlib/retry/always */
export const retry = {
  'retry.always': plain([anything('exception')], () => true),
  'retry.never': plain([anything('exception')], () => false),
}

const defaultBackoff = mapOf({ initial_delay: int(1), max_delay: int(60), multiplier: 1.25 })

/** https://cloud.google.com/workflows/docs/reference/stdlib/retry/default_backoff */
export const retryObjects: Readonly<Record<string, RuntimeValue>> = {
  'retry.default_backoff': defaultBackoff,
}

/** A policy as `http.default_retry` is one. */
export function defaultPolicy(predicate: Parameters<typeof functionValue>[0]): RuntimeValue {
  return mapOf({ predicate: functionValue(predicate), max_retries: int(5), backoff: defaultBackoff })
}
