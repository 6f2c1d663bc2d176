import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connectionError } from '../../simulator/engine/index.ts'
import { planned, runArgument, runWorkflow, type RunRecord, type WorldOptions } from './world.ts'

/** Mapped groups, executed by the engine. */

const run = (name: string, options: WorldOptions = {}) =>
  runWorkflow(join(import.meta.dirname, name, 'workflow.yaml'), {
    ...options,
    steps: { plan: [planned], ...standard, ...options.steps },
  })

const standard = { fetch: [{ output: { page: 1, rows: 2 } }] }
const giving = (fields: object) => ({ output: { ...planned.output, ...fields } })
const refused = { error: { code: 'refused', retryable: false } }
const skipping = { skip: 'nothing new' }

interface TaskResult {
  readonly state: string
  readonly tries: number
  readonly reason?: string
  readonly parts?: string
  readonly counts?: Readonly<Record<string, number>>
  readonly failed_indexes?: readonly number[]
}

const tasksOf = ({ value }: RunRecord) => value['tasks'] as Readonly<Record<string, TaskResult>>

const statesOf = (record: RunRecord) =>
  Object.fromEntries(Object.entries(tasksOf(record)).map(([id, { state }]) => [id, state]))

const countsOf = (record: RunRecord, tasks: readonly string[]) =>
  Object.fromEntries(tasks.map((id) => [id, tasksOf(record)[id]?.counts]))

const inputsOf = ({ jobs }: RunRecord, task: string) =>
  jobs
    .filter((job) => job.task === task)
    .toSorted((a, b) => a.index - b.index)
    .map(({ env }) => JSON.parse(env['DAG_INPUT'] ?? '') as Record<string, unknown>)

const readings: readonly NonNullable<WorldOptions['readings']>[] = [
  {},
  { nestedSlots: 'held', loopLocals: 'kept' },
  { nestedSlots: 'per-step', keyOrder: 'sorted', switchNext: 'ignored' },
]

describe('a mapped group', () => {
  it('runs its tasks per item, each with what the same instance gave', async () => {
    for (const [seed, reading] of readings.entries()) {
      const record = await run('mapped_group', {
        seed,
        readings: reading,
        steps: { 'fetch/1': [{ output: { page: 20, rows: 7 } }] },
      })
      expect(statesOf(record)).toEqual({
        plan: 'success',
        fetch: 'success',
        tell_page: 'success',
        tell_all: 'success',
        tell_ends: 'success',
      })
      expect(inputsOf(record, 'fetch')).toEqual([10, 20, 30].map((page) => ({ page, day: '2026-03-09' })))
      expect(inputsOf(record, 'tell_page').map(({ value }) => value)).toEqual([
        [2, 10],
        [7, 20],
        [2, 30],
      ])
      const folder = `gs://bucket/runs/mapped_group/${runArgument.run_id}`
      expect(inputsOf(record, 'tell_all')).toEqual([
        { value: { $map: `${folder}/tell_page/`, $count: 3, $as: 'outputs' } },
      ])
      expect(inputsOf(record, 'tell_ends')).toEqual([
        { value: { $map: `${folder}/fetch/`, $count: 3, $as: 'outcomes' } },
      ])
    }
  })

  it('lets no instance wait for another, and no more at work than it may', async () => {
    for (const seed of [1, 2, 3]) {
      const { jobs } = await run('mapped_group', { seed })
      const at = (task: string, index: number) =>
        jobs.find((job) => job.task === task && job.index === index)?.at ?? NaN
      // Two at once, ten seconds a task: the third one starts when the first has gone through both.
      for (const index of [0, 1, 2]) expect(at('tell_page', index)).toBe(at('fetch', index) + 10)
      const starts = [0, 1, 2].map((index) => at('fetch', index)).toSorted((a, b) => a - b)
      expect(starts).toEqual([10, 10, 30])
    }
  })

  it.each([
    [[0], 'success', 'success'],
    [[0, 1], 'failed', 'upstream_failed'],
    [[0, 1, 2], 'failed', 'upstream_failed'],
  ])('counts an instance once, whichever of its tasks failed: %j', async (failing, fetch, below) => {
    const steps = Object.fromEntries(failing.map((index) => [`fetch/${index}`, [refused]]))
    const record = await run('mapped_group', { steps })
    const counts = { success: 3 - failing.length, failed: failing.length, upstream_failed: failing.length }
    expect(tasksOf(record)['fetch']).toMatchObject({ state: fetch, failed_indexes: failing })
    expect(tasksOf(record)['fetch']?.counts?.['failed']).toBe(counts.failed)
    expect(tasksOf(record)['tell_page']?.counts?.['upstream_failed']).toBe(counts.upstream_failed)
    expect(tasksOf(record)['tell_all']?.state).toBe(below)
    // Of every instance that did not succeed a note is kept, for the task that looks at ends.
    const noted = [0, 1, 2].filter((index) =>
      record.objects.has(`runs/mapped_group/${runArgument.run_id}/fetch/${index}/outcome.json`),
    )
    expect(noted).toEqual(failing)
  })

  it('tolerates by index: two failures at one index are one, at two indexes two', async () => {
    const spread = await run('mapped_group', { steps: { 'fetch/0': [refused], 'tell_page/1': [refused] } })
    expect(statesOf(spread)).toMatchObject({
      fetch: 'failed',
      tell_page: 'failed',
      tell_all: 'upstream_failed',
    })
    expect(spread.state).toBe('FAILED')
  })

  it.each([
    ['an empty list', giving({ pages: [] }), 'skipped', 'SUCCEEDED'],
    ['a producer that failed', refused, 'upstream_failed', 'FAILED'],
    ['a producer that skipped', skipping, 'skipped', 'SUCCEEDED'],
    ['what is no list', giving({ pages: 'abc' }), 'failed', 'FAILED'],
    ['more than 1,000 items', giving({ pages: Array.from({ length: 1001 }, () => 1) }), 'failed', 'FAILED'],
  ])('over %s runs nothing', async (_, plan, state, end) => {
    const record = await run('mapped_group', { steps: { plan: [plan] } })
    const below = state === 'failed' ? 'upstream_failed' : state
    expect(statesOf(record)).toMatchObject({ fetch: state, tell_page: state, tell_all: below })
    expect(record.state).toBe(end)
    expect(record.jobs.map(({ task }) => task)).toEqual(['plan', 'tell_ends'])
    expect(inputsOf(record, 'tell_ends')).toMatchObject([{ value: { $count: 0 } }])
  })
})

describe('the tasks of a mapped group', () => {
  const members = ['open', 'fetch', 'choose', 'some', 'none', 'either', 'failure', 'close']
  const bothOf = (state: string) => ({ [state]: 2 })

  it('take their inputs from the item, and decide by index', async () => {
    for (const [seed, reading] of readings.entries()) {
      const record = await run('mapped_group_joins', {
        seed,
        readings: reading,
        steps: { 'fetch/1': [{ output: { page: 2, rows: 0 } }] },
      })
      expect(inputsOf(record, 'open')).toEqual(
        planned.output.loads.map((load) => ({ note: { $value: load, $path: ['name'] } })),
      )
      expect(countsOf(record, members)).toEqual({
        open: bothOf('success'),
        fetch: bothOf('success'),
        choose: bothOf('success'),
        some: { success: 1, skipped: 1 },
        none: { success: 1, skipped: 1 },
        either: bothOf('success'),
        failure: bothOf('skipped'),
        close: bothOf('success'),
      })
      expect(record.jobs.filter(({ task }) => task === 'some').map(({ index }) => index)).toEqual([0])
    }
  })

  it('fail, clean up and look after failures by index', async () => {
    const record = await run('mapped_group_joins', { steps: { 'fetch/0': [refused], 'open/1': [refused] } })
    expect(countsOf(record, members)).toEqual({
      open: { success: 1, failed: 1 },
      fetch: { failed: 1, upstream_failed: 1 },
      choose: bothOf('upstream_failed'),
      some: bothOf('upstream_failed'),
      none: bothOf('upstream_failed'),
      either: bothOf('upstream_failed'),
      // Not between the setup and its teardown: it needs no setup.
      failure: bothOf('success'),
      close: { success: 1, upstream_failed: 1 },
    })
    expect(tasksOf(record)['after_all']).toMatchObject({ state: 'success' })
  })

  it('look at tasks outside of the group', async () => {
    const record = await run('mapped_group_joins', { steps: { other: [refused] } })
    expect(countsOf(record, ['some', 'either', 'close'])).toEqual({
      some: bothOf('success'),
      either: bothOf('upstream_failed'),
      close: bothOf('success'),
    })
  })

  it('without instances are what their rules make of the tasks above, skipped where these let them run', async () => {
    const empty = await run('mapped_group_joins', {
      steps: { plan: [giving({ loads: [] })], other: [refused] },
    })
    expect(statesOf(empty)).toEqual({
      plan: 'success',
      other: 'failed',
      ...Object.fromEntries(members.map((id) => [id, 'skipped'])),
      either: 'upstream_failed',
      after_all: 'success',
    })
    expect(tasksOf(empty)['either']?.reason).toContain('other=failed')
    const failed = await run('mapped_group_joins', { steps: { plan: [refused] } })
    expect(statesOf(failed)).toMatchObject(Object.fromEntries(members.map((id) => [id, 'upstream_failed'])))
  })

  it('run once more only where they are not known', async () => {
    const ledger = (task: string, output: object) =>
      [
        `runs/mapped_group/${runArgument.run_id}/${task}/result.json`,
        { state: 'success', tries: 1, output },
      ] as const
    const record = await run('mapped_group', {
      objects: Object.fromEntries([
        ledger('plan/0', planned.output),
        ledger('fetch/0', { page: 1, rows: 5 }),
        ledger('fetch/2', { page: 3, rows: 6 }),
        ledger('tell_page/0', { told: true }),
      ]),
      argument: {
        ...runArgument,
        known: { 'plan/0': 'success', 'fetch/0': 'success', 'fetch/2': 'success', 'tell_page/0': 'success' },
      },
    })
    const inside = record.jobs.filter(({ task }) => ['fetch', 'tell_page'].includes(task))
    expect(inside.map(({ task, index }) => `${task}/${index}`).toSorted()).toEqual([
      'fetch/1',
      'tell_page/1',
      'tell_page/2',
    ])
    expect(inputsOf(record, 'tell_page').map(({ value }) => value)).toEqual([
      [2, 20],
      [6, 30],
    ])
  })

  it('are cancelled at every index where that is known of them as a whole; teardowns still clean up', async () => {
    const known = Object.fromEntries(
      members.filter((id) => id !== 'close' && id !== 'open').map((id) => [id, 'cancelled']),
    )
    const record = await run('mapped_group_joins', { argument: { ...runArgument, known } })
    expect(countsOf(record, ['fetch', 'some', 'close'])).toEqual({
      fetch: bothOf('cancelled'),
      some: bothOf('cancelled'),
      close: bothOf('success'),
    })
  })
})

describe('an error of the workflow itself', { timeout: 60_000 }, () => {
  it.each(['mapped_group', 'map'])('within an iteration of %s loses that instance only', async (name) => {
    // The note that an instance ended cannot be written: the error leaves the iteration.
    const task = name === 'map' ? 'fetch_page' : 'fetch'
    const note = name === 'map' ? 'note' : 'note_fetch'
    let faults = 0
    const record = await run(name, {
      fault: ({ step }) => (step === note && faults++ === 0 ? connectionError('lost') : null),
    })
    expect(record.state).toBe('FAILED')
    expect(tasksOf(record)[task]).toMatchObject({
      state: 'failed',
      counts: { success: 2, failed: 1 },
      error: { code: 'workflow_error' },
    })
  })

  it.each(['mapped_group', 'map'])('anywhere in the routine of %s ends in a stated result', async (name) => {
    const routine = name === 'map' ? 'map_fetch_page' : 'map_pages'
    const plain = await run(name)
    const own = plain.entries.filter((entry) => entry.routine === routine)
    const steps = new Set(own.map(({ step }) => step))
    expect(steps.size).toBeGreaterThan(5)
    for (const faulty of steps) {
      const record = await run(name, {
        fault: (entry) =>
          entry.routine === routine && entry.step === faulty ? connectionError('lost') : null,
      })
      const states = Object.values(statesOf(record))
      expect(states, faulty).not.toContain('none')
      // Where every end is noted already, nothing is lost.
      if (record.state === 'SUCCEEDED') expect(statesOf(record), faulty).toEqual(statesOf(plain))
      else expect(states, faulty).toContain('failed')
    }
  })
})
