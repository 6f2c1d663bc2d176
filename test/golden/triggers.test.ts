import { describe, expect, it } from 'vitest'
import { connectionError, httpError, mapOf } from '../../simulator/engine/index.ts'
import { callsOf, everyReading, runGolden, statesOf, tasksOf } from './run-golden.ts'
import { runArgument, type WorldOptions } from './world.ts'

const planned = { steps: { make_plan: [{ output: { mode: 'full', day: '2026-03-01', count: 1 } }] } }
/** By the task alone, whatever other triggers there are. */
const childRun = `triggered__triggers__${runArgument.run_id}__run_prices`
const place = 'projects/local-project/locations/us-central1/workflows'

const of = (record: Awaited<ReturnType<typeof runGolden>>, dag: string) =>
  record.started.filter(({ name }) => name.startsWith(`${place}/${dag}/`))

describe('a trigger', () => {
  it('starts a run of the other DAG, with its params, date and labels', async () => {
    const record = await runGolden('triggers', planned)
    expect(record.value['state'], JSON.stringify(record.value)).toBe('success')
    const [first, second] = of(record, 'prices')
    expect(JSON.parse(first?.body.argument ?? '')).toEqual({
      run_id: childRun,
      trigger: 'triggered',
      logical_date: runArgument.logical_date,
      params: { mode: 'full', pages: [1, 2] },
      parent: `triggers/${runArgument.run_id}/run_prices/0`,
    })
    expect(first?.body.labels).toEqual({
      dag: 'prices',
      run_id: childRun,
      trigger: 'triggered',
      logical_date: '2026-03-09t06-00-00-03-00',
    })
    // A name that is too long ends in a hash, and a day is that day at the time of this run's date.
    const given = JSON.parse(second?.body.argument ?? '') as { run_id: string; logical_date: string }
    expect(given.run_id).toMatch(/^triggered__triggers__[a-z0-9_-]+-[a-z0-9]{16}$/)
    expect(given.run_id.length).toBeLessThanOrEqual(63)
    expect(given.logical_date).toBe('2026-03-01T06:00:00-03:00')
    expect(of(record, 'stock')).toHaveLength(1)
    const told = JSON.parse(
      record.jobs.find(({ task }) => task === 'tell_runs')?.env['DAG_INPUT'] ?? '',
    ) as object
    expect(told).toEqual({
      value: [
        childRun,
        first?.name.split('/').at(-1),
        'success',
        { run_id: given.run_id, execution: second?.name.split('/').at(-1), state: null },
      ],
    })
  })

  const children = (...ends: readonly [string, number][]): WorldOptions => ({
    ...planned,
    children: ends.map(([state, after]) => ({ state, after })),
  })

  // The first execution is that of `stock`, which nobody waits for; the next one that of `prices`.
  it.each(['FAILED', 'CANCELLED', 'UNAVAILABLE'])(
    'that waits starts a run anew that ended %s',
    async (state) => {
      const record = await runGolden('triggers', children(['SUCCEEDED', 0], [state, 300], ['SUCCEEDED', 300]))
      expect(tasksOf(record)['run_prices']).toMatchObject({ state: 'success', tries: 2 })
      const ids = of(record, 'prices').map(({ body }) => body.labels['run_id'])
      expect(ids.slice(0, 2)).toEqual([childRun, childRun])
    },
  )

  it('that waits fails with the execution of the run that failed', async () => {
    const record = await runGolden('triggers', children(['SUCCEEDED', 0], ['FAILED', 10]))
    expect(tasksOf(record)['run_prices']).toEqual({
      state: 'failed',
      tries: 3,
      error: {
        code: 'triggered_run_failed',
        message: `run ${childRun} of DAG prices failed: execution child-4`,
      },
    })
    expect(statesOf(record, 'run_prices_of_day', 'went_well')).toEqual({
      run_prices_of_day: 'upstream_failed',
      went_well: 'upstream_failed',
    })
  })

  it('that waits in vain meets the same run in its next try', async () => {
    const record = await runGolden('triggers', children(['SUCCEEDED', 0], ['SUCCEEDED', 5000]))
    expect(tasksOf(record)['run_prices']).toMatchObject({ state: 'success', tries: 2 })
    const late = await runGolden('triggers', children(['SUCCEEDED', 0], ['SUCCEEDED', 1e6]))
    expect(tasksOf(late)['run_prices']).toMatchObject({
      state: 'failed',
      tries: 3,
      error: { code: 'triggered_run_timeout' },
    })
    expect(of(late, 'prices')).toHaveLength(1)
  })

  it('starts one run although a look at it is lost', async () => {
    const failing = (name: string, call: number) =>
      name.endsWith('executions.get') && call === 2 ? connectionError('lost') : null
    const record = await runGolden('triggers', { ...children(['SUCCEEDED', 0], ['SUCCEEDED', 60]), failing })
    expect(tasksOf(record)['run_prices']).toMatchObject({ state: 'success', tries: 2 })
    expect(of(record, 'prices').filter(({ body }) => body.labels['run_id'] === childRun)).toHaveLength(1)
  })

  it('meets its run in a rerun of its own run', async () => {
    const first = await runGolden('triggers', planned)
    const again = await runGolden('triggers', {
      started: first.started,
      left: first.left,
      argument: { ...runArgument, known: { 'make_plan/0': 'success' } },
    })
    expect(again.value['state']).toBe('success')
    expect(again.started).toHaveLength(first.started.length)
    const known = Object.fromEntries(
      ['make_plan', 'run_prices', 'run_prices_of_day', 'run_stock'].map((id) => [`${id}/0`, 'success']),
    )
    const kept = await runGolden('triggers', { left: first.left, argument: { ...runArgument, known } })
    expect(kept.value['state']).toBe('success')
    expect(kept.started).toEqual([])
  })

  it('ends in words whatever call fails', async () => {
    for (const [name, call] of await callsOf('triggers', planned)) {
      for (const error of [httpError(403, mapOf({}), null), httpError(404, mapOf({}), null)]) {
        const failing = (c: string, n: number) => (c === name && n === call ? error : null)
        const record = await runGolden('triggers', { ...planned, failing })
        if (name.endsWith('insert') && call === 1) continue
        expect(Object.keys(tasksOf(record)).length, `${name} ${call}`).toBe(6)
      }
    }
  })

  it.each([
    ['that works', children(['SUCCEEDED', 60])],
    ['that fails', children(['SUCCEEDED', 0], ['FAILED', 10])],
  ])('%s means the same under every reading', async (_, options) => {
    const expected = tasksOf(await runGolden('triggers', options))
    for (const readings of everyReading) {
      const { value } = await runGolden('triggers', { ...options, readings })
      expect(tasksOf({ value }), JSON.stringify(readings)).toEqual(expected)
    }
  })
})
