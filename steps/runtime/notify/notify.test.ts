import { describe, expect, it } from 'vitest'
import { createFakeClock, tryStep } from '../testing/try-step.ts'
import { notifyStep } from './notify.ts'

const secret = 'https://chat.example.com/services/T0/hidden'
const input = { variable: 'HOOK_CHAT', body: { text: 'it failed' } }

/** Answers with one status after the other, the last one repeated; null fails the connection. */
async function told(statuses: readonly (number | null)[], address: string = secret) {
  const asked: { url: string; body: unknown }[] = []
  const clock = createFakeClock()
  const env = { HOOK_CHAT: address }
  const result = await tryStep(notifyStep(env), input, {
    env,
    clock,
    fetch: (url, init) => {
      asked.push({ url: url instanceof Request ? url.url : url.toString(), body: init?.body })
      const status = statuses[Math.min(asked.length, statuses.length) - 1] ?? null
      if (status === null) return Promise.reject(new TypeError(`connect ECONNREFUSED ${secret}`))
      return Promise.resolve(new Response(null, { status }))
    },
  })
  return { ...result, asked, slept: clock.slept }
}

describe('dagwright/notify', () => {
  it('posts the body as JSON', async () => {
    const { exitCode, asked } = await told([200])
    expect(exitCode).toBe(0)
    expect(asked).toEqual([{ url: secret, body: '{"text":"it failed"}' }])
  })

  it.each([
    ['after an overload', [429, 503, 200], 0, 3],
    ['after a lost connection', [null, 204], 0, 2],
    ['three times at most', [500], 1, 3],
    ['not after a refusal', [404], 1, 1],
  ] as const)('asks again %s', async (_, statuses, exitCode, times) => {
    const result = await told(statuses)
    expect(result.exitCode).toBe(exitCode)
    expect(result.asked).toHaveLength(times)
  })

  it.each([
    [[404], secret, 'http_404'],
    [[null], secret, 'unreachable'],
    [[200], '', 'no_address'],
    [[200], 'T0/hidden', 'no_address'],
  ] as const)('fails without a word of the address: %j %s', async (statuses, address, code) => {
    const { object, logs, outcome } = await told(statuses, address)
    expect(object?.metadata).toMatchObject({ outcome: 'error', code })
    expect(JSON.stringify([object, logs, outcome])).not.toContain('hidden')
  })
})
