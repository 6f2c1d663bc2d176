import { describe, expect, it } from 'vitest'
import { everyReading, runGolden, statesOf, tasksOf } from './run-golden.ts'
import { runArgument } from './world.ts'

const full = {
  mode: 'full',
  modes: ['full', 'delta'],
  count: 2000,
  complete: true,
  day: '2026-03-09',
}

const planned = (changes: object = {}) => ({
  steps: { make_plan: [{ output: { ...full, ...changes } }] },
})

const withRegions = (regions: unknown) => ({
  ...planned(),
  argument: { ...runArgument, params: { regions } },
})

describe('a branch on a value', () => {
  it.each([
    [
      'full',
      {
        load_full: 'success',
        load_delta: 'skipped',
        after_load: 'success',
        rest: 'skipped',
        joined: 'success',
      },
    ],
    [
      'delta',
      {
        load_full: 'skipped',
        load_delta: 'success',
        after_load: 'success',
        rest: 'skipped',
        joined: 'success',
      },
    ],
    [
      'none',
      {
        load_full: 'skipped',
        load_delta: 'skipped',
        after_load: 'skipped',
        rest: 'success',
        joined: 'skipped',
      },
    ],
    [
      null,
      {
        load_full: 'skipped',
        load_delta: 'skipped',
        after_load: 'skipped',
        rest: 'success',
        joined: 'skipped',
      },
    ],
  ])('of %s follows its case', async (mode, states) => {
    expect(statesOf(await runGolden('branches', planned({ mode })), ...Object.keys(states))).toEqual(states)
  })

  it.each([
    [['north'], { region: 'success', tell_north: 'success', tell_south: 'skipped' }],
    [['north', 'south', 'north'], { region: 'success', tell_north: 'success', tell_south: 'success' }],
    ['south', { region: 'success', tell_north: 'skipped', tell_south: 'success' }],
    [[], { region: 'success', tell_north: 'skipped', tell_south: 'skipped' }],
    [null, { region: 'success', tell_north: 'skipped', tell_south: 'skipped' }],
    [['west'], { region: 'failed', tell_north: 'upstream_failed', tell_south: 'upstream_failed' }],
    [['north', 5], { region: 'failed', tell_north: 'upstream_failed', tell_south: 'upstream_failed' }],
    [{ north: true }, { region: 'failed', tell_north: 'upstream_failed', tell_south: 'upstream_failed' }],
  ])('of %j follows every case that it names', async (regions, states) => {
    expect(statesOf(await runGolden('branches', withRegions(regions)), ...Object.keys(states))).toEqual(
      states,
    )
  })

  it('that is no case fails with a code', async () => {
    const { region } = tasksOf(await runGolden('branches', withRegions('west')))
    expect(region).toMatchObject({
      state: 'failed',
      tries: 1,
      error: { code: 'unknown_case', message: 'there is no case "west"' },
    })
  })
})

describe('a branch on conditions', () => {
  it.each([
    [{ count: 2000, complete: false, modes: [] }, ['large']],
    [{ count: 2000, complete: true, modes: [] }, ['large', 'whole']],
    [{ count: 10, complete: false, modes: ['full', 'delta'] }, ['small', 'whole']],
    [{ count: 10, complete: 'true', modes: ['full', 'none'] }, ['small']],
    [{ count: 0, complete: null, modes: ['delta'] }, ['nothing']],
    [{ count: 7.5, complete: false, modes: null, mode: 'none' }, ['nothing']],
  ])('of %j follows every case that holds', async (changes, chosen) => {
    const record = await runGolden('branches', planned(changes))
    const told = record.jobs.find(({ task }) => task === 'tell_size')?.env['DAG_INPUT']
    expect(JSON.parse(told ?? '{}')).toEqual({ value: chosen })
    const followed = chosen.includes('large') ? [...chosen, 'whole'] : chosen
    for (const [task, state] of Object.entries(statesOf(record, 'large', 'small', 'whole', 'nothing')))
      expect([task, state]).toEqual([task, followed.includes(task) ? 'success' : 'skipped'])
  })

  it.each([[null], ['many'], [[1]]])('that compare a number with %j fail the task', async (count) => {
    const record = await runGolden('branches', planned({ count }))
    expect(tasksOf(record)['size']).toMatchObject({ state: 'failed', error: { code: 'incomparable' } })
    expect(statesOf(record, 'large', 'nothing', 'tell_size')).toEqual({
      large: 'upstream_failed',
      nothing: 'upstream_failed',
      tell_size: 'upstream_failed',
    })
  })

  it('makes no decision where it does not run', async () => {
    const record = await runGolden('branches', { steps: { make_plan: [{ skip: 'nothing' }] } })
    expect(statesOf(record, 'mode', 'load_full', 'rest', 'size', 'whole')).toEqual({
      mode: 'skipped',
      load_full: 'skipped',
      rest: 'skipped',
      size: 'skipped',
      // none_failed: a skip above it, and nothing that excludes it.
      whole: 'success',
    })
  })
})

describe('a short circuit', () => {
  const below = ['load', 'tell_all', 'close', 'one_is_done', 'anyway', 'compared']

  it('lets everything run where it holds', async () => {
    const record = await runGolden('gates', planned({ mode: full.day }))
    expect(new Set(Object.values(statesOf(record)))).toEqual(new Set(['success']))
  })

  it('skips everything below it, whatever its rule', async () => {
    const record = await runGolden('gates', planned({ count: 0, mode: '2026-03-09' }))
    expect(statesOf(record, 'any_new', ...below)).toEqual({
      any_new: 'success',
      load: 'skipped',
      tell_all: 'skipped',
      close: 'success',
      one_is_done: 'success',
      anyway: 'success',
      compared: 'skipped',
    })
    expect(tasksOf(record)['tell_all']?.reason).toBe('load=skipped, any_new:excluded')
    expect(tasksOf(record)['any_new']).toEqual({ state: 'success', tries: 1 })
  })

  it('skips what comes right after it, and leaves the rest to the rules', async () => {
    const record = await runGolden('gates', planned({ complete: false }))
    expect(statesOf(record, 'complete', ...below)).toEqual({
      complete: 'success',
      load: 'success',
      tell_all: 'success',
      close: 'skipped',
      one_is_done: 'skipped',
      anyway: 'success',
      compared: 'skipped',
    })
  })
})

describe('decisions', () => {
  it.each([['branches'], ['gates']])('are made anew in a rerun of %s', async (name) => {
    const options = planned({ count: 0 })
    const first = await runGolden(name, options)
    const known = Object.fromEntries(
      Object.entries(statesOf(first))
        .filter(([id, state]) => state === 'success' && first.jobs.some(({ task }) => task === id))
        .map(([id]) => [`${id}/0`, 'success']),
    )
    const again = await runGolden(name, {
      ...options,
      left: first.left,
      argument: { ...runArgument, known },
    })
    expect(statesOf(again)).toEqual(statesOf(first))
    expect(again.jobs).toEqual([])
  })

  it.each([
    ['branches', planned({ modes: [] })],
    ['branches', planned({ count: 'many' })],
    ['branches', withRegions(['north', 5])],
    ['gates', planned({ count: 0 })],
    ['gates', planned({ day: 5 })],
  ])('of %s are the same under every reading: %j', async (name, options) => {
    const expected = tasksOf(await runGolden(name, options))
    for (const readings of everyReading) {
      expect(tasksOf(await runGolden(name, { ...options, readings })), JSON.stringify(readings)).toEqual(
        expected,
      )
    }
  })
})
