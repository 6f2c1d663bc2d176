import type { RetryPolicy, TaskDefinition } from '../../dsl/index.ts'
import { int, list, map, type Value } from './language.ts'

/**
 * The retry policies of a DAG, as `settle` reads them: that of most tasks under `default`, those of other tasks
 * under their ids.
 */
export function policiesValue(tasks: readonly TaskDefinition[]): Value {
  const texts = tasks.map(({ retry }) => JSON.stringify(retry))
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  const usual = texts.toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))[0]
  const others = tasks.filter((_, index) => texts[index] !== usual)
  const first = tasks[texts.indexOf(usual ?? '')]
  return map([
    ...(first ? [['default', policyValue(first.retry)] as const] : []),
    ...others.map(({ id, retry }) => [id, policyValue(retry)] as const),
  ])
}

function policyValue(retry: RetryPolicy): Value {
  if (retry.retries === 0) return map({ retries: int(0) })
  return map({
    retries: int(retry.retries),
    delays: list(delaysOf(retry).map((seconds) => int(seconds))),
    ...(retry.backoff !== 1 && { most: int(retry.maxDelaySeconds) }),
  })
}

/**
 * The delays before each retry, without their jitter; the last one stands for all that follow. As Airflow's, a factor of
 * 1 keeps the delay, and every one is capped.
 */
function delaysOf({ retries, delaySeconds, backoff, maxDelaySeconds }: RetryPolicy): readonly number[] {
  const delays = [Math.min(delaySeconds, maxDelaySeconds)]
  if (backoff === 1) return delays
  while (delays.length < retries) {
    const next = Math.max(1, Math.ceil(delaySeconds * backoff ** delays.length))
    if (next >= maxDelaySeconds) return [...delays, maxDelaySeconds]
    delays.push(next)
  }
  return delays
}
