import { describe, expect, it } from 'vitest'
import { runGolden, statesOf } from './run-golden.ts'
import { planned } from './world.ts'

/** Pools, retries and rules that no other golden has, executed by the engine. */

const refused = { error: { code: 'refused', retryable: false } }
const passing = { error: { code: 'busy', retryable: true } }
const skipping = { skip: 'nothing new' }

describe('pools', () => {
  const slots = (task: string) => (task === 'rebuild' ? 2 : /^(plan|copy_.|fetch)$/.test(task) ? 1 : 0)

  it.each([1, 2, 3])('never give more slots than they have, in order %i', async (seed) => {
    const seconds = (task: string, index: number) => 7 + ((task.length * 31 + index * 17 + seed * 13) % 40)
    const record = await runGolden('pools', {
      seed,
      job: ({ task, index }) => ({
        behaviour: task === 'plan' ? planned : { output: { page: 1, rows: 1 } },
        seconds: seconds(task, index),
      }),
    })
    expect(record.value['state'], JSON.stringify(record.value)).toBe('success')
    expect(record.jobs.filter(({ task }) => task === 'fetch')).toHaveLength(3)
    for (const { at } of record.jobs) {
      const running = record.jobs.filter((job) => job.at <= at && (job.end ?? Infinity) > at)
      const used = running.reduce((sum, { task }) => sum + slots(task), 0)
      expect(used, `${at} s: ${running.map(({ task }) => task).join(', ')}`).toBeLessThanOrEqual(2)
      expect(running.filter(({ task }) => task === 'mail').length).toBeLessThanOrEqual(1)
    }
  })
})

describe('retries', () => {
  const startsOf = (record: Awaited<ReturnType<typeof runGolden>>, task: string) =>
    record.jobs.filter((job) => job.task === task).map(({ at, end }) => ({ at, end: end ?? 0 }))

  it('come after growing delays, up to the cap, or after the same one each time', async () => {
    const record = await runGolden('retries', { steps: { growing: [passing], constant: [passing] } })
    expect(statesOf(record)).toMatchObject({ growing: 'failed', constant: 'upstream_failed' })
    const starts = startsOf(record, 'growing')
    const waits = starts.slice(1).map(({ at }, index) => at - (starts[index]?.end ?? 0))
    // Thirty seconds, three times as much each time, with up to the same again on top; five minutes at most.
    for (const [index, [least, most]] of (
      [
        [30, 60],
        [90, 180],
        [270, 300],
        [300, 300],
      ] as const
    ).entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least)
      expect(waits[index]).toBeLessThanOrEqual(most)
    }
    expect(waits).toHaveLength(4)

    const steady = startsOf(await runGolden('retries', { steps: { constant: [passing] } }), 'constant')
    expect(steady.slice(1).map(({ at }, index) => at - (steady[index]?.end ?? 0))).toEqual([60, 60])
  })

  it('stop a try whose time is over', async () => {
    const record = await runGolden('retries', {
      steps: { growing: ['timeout', { output: {} }], once: ['timeout'] },
    })
    expect(startsOf(record, 'growing')[0]).toEqual({ at: 0, end: 120 })
    const [late] = startsOf(record, 'once')
    expect((late?.end ?? 0) - (late?.at ?? 0)).toBe(30)
    expect(statesOf(record)).toMatchObject({ growing: 'success', once: 'failed' })
    expect(startsOf(record, 'once')).toHaveLength(1)
  })
})

describe('failRunOn any', () => {
  it.each([
    ['both succeed', {}, 'success', ['skipped', 'success', 'skipped', 'success', 'success']],
    [
      'one fails',
      { fetch_web: [refused] },
      'failed',
      ['skipped', 'success', 'skipped', 'success', 'success'],
    ],
    [
      'both fail',
      { fetch_shop: [refused], fetch_web: [refused] },
      'failed',
      ['success', 'upstream_failed', 'skipped', 'success', 'success'],
    ],
    [
      'both skip',
      { fetch_shop: [skipping], fetch_web: [skipping] },
      'success',
      ['skipped', 'skipped', 'success', 'skipped', 'skipped'],
    ],
    [
      'one skips',
      { fetch_shop: [skipping] },
      'success',
      ['skipped', 'skipped', 'skipped', 'success', 'skipped'],
    ],
  ] as const)('decides by every task: %s', async (_, steps, state, states) => {
    const record = await runGolden('any_failure', { steps })
    expect(record.state).toBe(state === 'success' ? 'SUCCEEDED' : 'FAILED')
    const ids = ['tell_failure', 'load_some', 'nothing_new', 'first_news', 'whole']
    expect(statesOf(record, ...ids)).toEqual(Object.fromEntries(ids.map((id, index) => [id, states[index]])))
    expect(statesOf(record, 'tell_anyway')).toEqual({ tell_anyway: 'success' })
  })

  it('logs each start and each end where all are asked for', async () => {
    const { logs } = await runGolden('any_failure', { steps: { fetch_web: [refused] } })
    const told = (task: string) => logs.filter((line) => line['task'] === task).map((line) => line['state'])
    expect(told('fetch_shop')).toEqual([undefined, 'success'])
    expect(told('fetch_web')).toContain('failed')
    expect(told('load_some')).toEqual([undefined, 'success'])
  })
})
