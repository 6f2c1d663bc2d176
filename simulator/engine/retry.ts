import { checkArguments } from '../stdlib/function.ts'
import { callRoutine } from './call-routine.ts'
import { compileValue } from './compile-value.ts'
import { typeError } from './errors.ts'
import { asFunction } from './function-value.ts'
import { isMap, typeName } from './value.ts'
import type { MapValue, RetryPolicy, Value } from '../../language/syntax.ts'
import type { Context } from './context.ts'
import type { Evaluator } from './evaluator.ts'
import type { Frame } from './frame.ts'
import type { FunctionValue } from './function-value.ts'
import type { Readings } from './readings.ts'
import type { Task } from './task.ts'
import type { RuntimeMap, RuntimeValue } from './value.ts'

/** https://cloud.google.com/workflows/docs/reference/syntax/retrying */
export interface Policy {
  /** Null: every error. */
  readonly predicate: FunctionValue | null
  /** Retries after the first attempt. */
  readonly maxRetries: number
  readonly initialDelay: number
  readonly maxDelay: number
  readonly multiplier: number
}

/** Compiles both forms to the map of the long one: a policy is such a map too. */
export function compilePolicy(retry: RetryPolicy, context: Context): Evaluator {
  if (retry.kind === 'policy') return compileValue(retry.policy, context)
  const { predicate, maxRetries, initialDelay, maxDelay, multiplier } = retry
  const backoff = retry.backoff ?? mapValue({ initial_delay: initialDelay, max_delay: maxDelay, multiplier })
  return compileValue(mapValue({ predicate, max_retries: maxRetries, backoff }), context)
}

function mapValue(fields: Readonly<Record<string, Value | undefined>>): MapValue {
  const entries = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value }],
  )
  return { kind: 'map', entries }
}

/** Values of `retry.default_backoff` and `http.default_retry`, for what a policy leaves out. */
const DEFAULTS = { max_retries: 5, initial_delay: 1, max_delay: 60, multiplier: 1.25 } as const

export function readPolicy(value: RuntimeValue, readings: Readings): Policy {
  if (!isMap(value)) throw typeError(`a retry policy must be a map, got ${typeName(value)}`)
  const backoff = value.get('backoff') ?? new Map()
  if (!isMap(backoff)) throw typeError(`backoff must be a map, got ${typeName(backoff)}`)
  const number = (map: RuntimeMap, name: keyof typeof DEFAULTS): number => {
    const given = map.get(name)
    if (given === undefined || given === null) {
      if (readings.retryDefaults === 'default-policy') return DEFAULTS[name]
      throw typeError(`retry needs ${name}`)
    }
    if (typeof given !== 'bigint' && typeof given !== 'number') {
      throw typeError(`${name} of retry must be a number, got ${typeName(given)}`)
    }
    return Number(given)
  }
  const predicate = value.get('predicate')
  const isGiven = predicate !== undefined && predicate !== null
  if (isGiven && asFunction(predicate) === null) {
    throw typeError(`predicate of retry must be a function, got ${typeName(predicate)}`)
  }
  return {
    predicate: asFunction(predicate),
    maxRetries: isGiven || readings.missingPredicate === 'always' ? number(value, 'max_retries') : 0,
    initialDelay: number(backoff, 'initial_delay'),
    maxDelay: number(backoff, 'max_delay'),
    multiplier: number(backoff, 'multiplier'),
  }
}

/** Milliseconds to wait before a retry, counted from 0. */
export function retryDelay(policy: Policy, retry: number): number {
  return Math.max(0, Math.min(policy.initialDelay * policy.multiplier ** retry, policy.maxDelay)) * 1000
}

/** Asks the predicate whether to retry after this error. */
export function* retries({ predicate }: Policy, error: RuntimeValue, frame: Frame): Task<boolean> {
  if (predicate === null) return true
  const { callee } = predicate
  const answer =
    'body' in callee
      ? yield* callRoutine(callee, [error], frame)
      : callee.run(checkArguments('predicate', callee.parameters, [error]), frame.thread.execution.functions)
  const result = answer instanceof Promise ? yield answer : answer
  if (typeof result !== 'boolean')
    throw typeError(`a predicate must return a boolean, got ${typeName(result)}`)
  return result
}
