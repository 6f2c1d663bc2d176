import { durationSeconds } from './duration.ts'
import type { Location } from './location.ts'
import type { RetryOptions } from './options.ts'
import type { Problems } from './problems.ts'
import type { RetryPolicy } from './task.ts'

/** Airflow's defaults, with its cap on the delay. */
const standard = { retries: 0, retryDelay: '5m', retryBackoff: 1, maxRetryDelay: '1d' } as const

/** Most retries that Workflows' 100,000 steps and a reader's patience allow. */
const mostRetries = 100

/** The longest that a Cloud Run task may run. https://cloud.google.com/run/docs/configuring/task-timeout */
const longestTimeout = 168 * 3600

interface ReadOptions {
  readonly what: string
  readonly problems: Problems
  /** @default the place of `problems` */
  readonly at: Location | null | undefined
}

/** Names what is wrong with retry options, without filling anything in. */
export function checkRetryOptions(options: RetryOptions, { what, problems, at }: ReadOptions): void {
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
    if (value === undefined || durationSeconds(value) !== null) continue
    problems.add(
      'DAG105',
      `${what}: ${option} ${JSON.stringify(value)} is not a duration`,
      'write a whole number followed by s, m, h or d, e.g. 30s',
      at,
    )
  }
  if ((durationSeconds(timeout) ?? 0) > longestTimeout)
    refuse('timeout', timeout, 'Cloud Run tasks end after 168h')
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
