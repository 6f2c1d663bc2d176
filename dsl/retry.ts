import { durationSeconds } from './duration.ts'
import type { Location } from './location.ts'
import { longestWait, type RetryOptions } from './options.ts'
import type { Problems } from './problems.ts'
import type { RetryPolicy } from './task.ts'

/** Airflow's defaults, with its cap on the delay. */
const standard = { retries: 0, retryDelay: '5m', retryBackoff: 1, maxRetryDelay: '1d' } as const

/** Most retries that Workflows' 100,000 steps and a reader's patience allow. */
const mostRetries = 100

/** The most that a timeout may be, and why. */
export interface TimeoutBound {
  readonly seconds: number
  readonly hint: string
}

/** https://cloud.google.com/run/docs/configuring/task-timeout */
const longestTry: TimeoutBound = { seconds: 168 * 3600, hint: 'Cloud Run tasks end after 168h' }

interface ReadOptions {
  readonly what: string
  readonly problems: Problems
  /** @default the place of `problems` */
  readonly at: Location | null | undefined
  /** @default what Cloud Run gives a try */
  readonly longest?: TimeoutBound | undefined
}

/** Names what is wrong with retry options, without filling anything in. */
export function checkRetryOptions(
  options: RetryOptions,
  { what, problems, at, longest = longestTry }: ReadOptions,
): void {
  const { retries, retryBackoff, retryDelay, maxRetryDelay, timeout } = options
  const refuse = (option: string, value: unknown, hint: string) =>
    problems.add('DAG104', `${what}: ${option} is ${JSON.stringify(value) ?? String(value)}`, hint, at)
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= mostRetries)) {
    refuse('retries', retries, `give a whole number from 0 to ${mostRetries}`)
  }
  if (
    retryBackoff !== undefined &&
    !(Number.isFinite(retryBackoff) && retryBackoff >= 1 && retryBackoff <= 100)
  ) {
    refuse('retryBackoff', retryBackoff, 'give a factor of 1 (constant delay) up to 100')
  }
  for (const [option, value] of Object.entries({ retryDelay, maxRetryDelay, timeout })) {
    const seconds = durationSeconds(value)
    if (option !== 'timeout' && (seconds ?? 0) > longestWait.seconds) refuse(option, value, longestWait.hint)
    if (value === undefined || seconds !== null) continue
    problems.add(
      'DAG105',
      `${what}: ${option} ${JSON.stringify(value)} is not a duration`,
      'write a whole number followed by s, m, h or d, e.g. 30s',
      at,
    )
  }
  if ((durationSeconds(timeout) ?? 0) > longest.seconds) refuse('timeout', timeout, longest.hint)
}

/** Task options over the DAG's defaults over the standard ones. */
export function retryPolicy(options: RetryOptions, defaults: RetryOptions): RetryPolicy {
  const seconds = (option: 'retryDelay' | 'maxRetryDelay') =>
    durationSeconds(options[option]) ??
    durationSeconds(defaults[option]) ??
    durationSeconds(standard[option]) ??
    0
  const delaySeconds = seconds('retryDelay')
  const backoff = options.retryBackoff ?? defaults.retryBackoff ?? standard.retryBackoff
  const cap = seconds('maxRetryDelay')
  return {
    retries: options.retries ?? defaults.retries ?? standard.retries,
    delaySeconds: Math.min(delaySeconds, cap),
    backoff,
    maxDelaySeconds: backoff === 1 ? Math.min(delaySeconds, cap) : cap,
  }
}
