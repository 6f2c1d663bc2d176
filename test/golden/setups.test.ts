import { describe, expect, it } from 'vitest'
import { runGolden, statesOf, tasksOf } from './run-golden.ts'

/** Setups and teardowns, executed by the engine. */

const refused = { error: { code: 'refused', retryable: false } }
const usual = {
  open_store: 'success',
  fetch_rows: 'success',
  rent_machine: 'success',
  load_rows: 'success',
  count_rows: 'success',
  close_store: 'success',
  return_machine: 'success',
  report: 'success',
}

describe('setups and teardowns', () => {
  it('stand around what needs them', async () => {
    const record = await runGolden('setups')
    expect(statesOf(record)).toEqual(usual)
    const at = (task: string) => record.jobs.find((job) => job.task === task)
    for (const [first, then] of [
      ['open_store', 'fetch_rows'],
      ['fetch_rows', 'close_store'],
      ['rent_machine', 'load_rows'],
      ['count_rows', 'return_machine'],
    ] as const) {
      expect(at(first)?.end, `${first}, ${then}`).toBeLessThanOrEqual(at(then)?.at ?? -1)
    }
  })

  it.each([
    [
      'work fails',
      { load_rows: [refused] },
      'failed',
      { load_rows: 'failed', count_rows: 'upstream_failed', report: 'upstream_failed' },
    ],
    [
      'a setup fails',
      { open_store: [refused] },
      'failed',
      Object.fromEntries(
        Object.keys(usual).map((id) => [id, id === 'open_store' ? 'failed' : 'upstream_failed']),
      ),
    ],
    [
      'a setup skips itself',
      { rent_machine: [{ skip: 'no machine' }] },
      'success',
      {
        rent_machine: 'skipped',
        load_rows: 'skipped',
        count_rows: 'skipped',
        return_machine: 'skipped',
        report: 'skipped',
      },
    ],
    ['a teardown fails', { close_store: [refused] }, 'success', { close_store: 'failed' }],
    ['a teardown fails that counts', { return_machine: [refused] }, 'failed', { return_machine: 'failed' }],
  ] as const)('end as they have to where %s', async (_, steps, state, changes) => {
    const record = await runGolden('setups', { steps })
    expect(statesOf(record)).toEqual({ ...usual, ...changes })
    expect(record.state).toBe(state === 'success' ? 'SUCCEEDED' : 'FAILED')
    for (const [id, task] of Object.entries(tasksOf(record)))
      expect(
        record.jobs.some((job) => job.task === id),
        id,
      ).toBe(task.tries > 0)
  })
})
