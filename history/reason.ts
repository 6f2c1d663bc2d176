import { isMap, type JsonMap } from './map.ts'

/**
 * Why a task did not run, in words. The compiled workflow gives the states of all upstream tasks as JSON, since its
 * expressions cannot pick from them; here only those are named that kept the task from running.
 */
export function readableReason(reason: string): string {
  const json = /^upstream (\{.*\})$/.exec(reason)?.[1]
  if (json === undefined) return reason
  const states = parsed(json)
  if (states === null) return reason
  const kept = Object.entries(states)
    .map(([id, state]) => [id, String(state)] as const)
    .filter(([, state]) => state !== 'success')
  const byState = new Map<string, string[]>()
  for (const [id, state] of kept) byState.set(state, [...(byState.get(state) ?? []), id])
  return [...byState].map(([state, ids]) => `${ids.join(', ')} ${words[state] ?? state}`).join('; ')
}

const words: Readonly<Record<string, string>> = {
  failed: 'failed',
  skipped: 'skipped',
  upstream_failed: 'could not run',
}

function parsed(json: string): JsonMap | null {
  try {
    const value: unknown = JSON.parse(json)
    return isMap(value) ? value : null
  } catch {
    return null
  }
}
