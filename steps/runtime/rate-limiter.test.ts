import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRateLimiter, retryTime } from './rate-limiter.ts'
import { createFakeClock } from './testing/try-step.ts'

const seed = Number(process.env.FAST_CHECK_SEED ?? 20_260_309)

describe('the rate limiter', () => {
  it('lets a budget through at once and makes the next wait for the window', async () => {
    const clock = createFakeClock(0)
    const limiter = createRateLimiter({ perMinute: 3, clock })
    const times: number[] = []
    for (let i = 0; i < 7; i += 1) {
      await limiter.acquire()
      times.push(clock.now())
    }
    expect(times).toEqual([0, 0, 0, 60_000, 60_000, 60_000, 120_000])
  })

  it(`never starts more than its budget in any 60 s (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 40 }),
        async (perMinute, gaps) => {
          const clock = createFakeClock(0)
          const limiter = createRateLimiter({ perMinute, clock })
          const times: number[] = []
          for (const gap of gaps) {
            await clock.sleep(gap)
            await limiter.acquire()
            times.push(clock.now())
          }
          for (const [index, time] of times.entries()) {
            expect(time - (times[index - perMinute] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
              60_000,
            )
          }
        },
      ),
      { seed, numRuns: 200 },
    )
  })

  it('starts nothing before the end of a pause, and keeps the order of the calls', async () => {
    const clock = createFakeClock(0)
    const limiter = createRateLimiter({ perMinute: 10, clock })
    limiter.pauseUntil(30_000)
    limiter.pauseUntil(10_000)
    const order: [number, number][] = []
    await Promise.all(
      [1, 2, 3].map(async (n) => {
        await limiter.acquire()
        order.push([n, clock.now()])
      }),
    )
    expect(order).toEqual([
      [1, 30_000],
      [2, 30_000],
      [3, 30_000],
    ])
  })

  it('gives way to those behind when a caller gives up', async () => {
    const clock = createFakeClock(0)
    const limiter = createRateLimiter({ perMinute: 1, clock })
    await limiter.acquire()
    const gone = limiter.acquire(AbortSignal.abort(new Error('gone')))
    const next = limiter.acquire()
    await expect(gone).rejects.toThrow('gone')
    await next
    expect(clock.now()).toBe(60_000)
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses %d a minute', (perMinute) => {
    expect(() => createRateLimiter({ perMinute, clock: createFakeClock() })).toThrow(RangeError)
  })
})

describe('the time to come back', () => {
  const now = Date.parse('2026-03-09T12:00:00Z')
  it.each([
    ['seconds', { 'retry-after': '30' }, 30_000],
    ['a date', { 'retry-after': 'Mon, 09 Mar 2026 12:00:45 GMT' }, 45_000],
    ['a date gone by', { 'retry-after': 'Mon, 09 Mar 2026 11:00:00 GMT' }, 0],
    ['the reset', { 'x-ratelimit-reset': String(now / 1000 + 20) }, 20_000],
    ['a reset gone by', { 'x-ratelimit-reset': '1502035959' }, 60_000],
    [
      'Retry-After before the reset',
      { 'retry-after': '5', 'x-ratelimit-reset': String(now / 1000 + 20) },
      5_000,
    ],
    ['nothing', {}, 60_000],
    ['nonsense', { 'retry-after': 'soon', 'x-ratelimit-reset': 'later' }, 60_000],
  ])('by %s', (_, headers, wait) => {
    expect(retryTime(new Headers(headers as Record<string, string>), now, 60_000) - now).toBe(wait)
  })
})
