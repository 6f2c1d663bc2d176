import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planned, runArgument, runWorkflow, type RunRecord, type WorldOptions } from './world.ts'

/** Mapped tasks, executed by the engine. */

const run = (name: string, options: WorldOptions = {}) =>
  runWorkflow(join(import.meta.dirname, name, 'workflow.yaml'), {
    ...options,
    steps: { plan: [planned], ...options.steps },
  })

const giving = (fields: object) => ({ output: { ...planned.output, ...fields } })
const refused = { error: { code: 'refused', retryable: false } }
const skipping = { skip: 'nothing new' }

interface MapResult {
  readonly state: string
  readonly tries: number
  readonly parts?: string
  readonly count?: number
  readonly counts?: Readonly<Record<string, number>>
  readonly failed_indexes?: readonly number[]
  readonly error?: { readonly code: string; readonly message: string }
  readonly reason?: string
}

const tasksOf = ({ value }: RunRecord) => value['tasks'] as Readonly<Record<string, MapResult>>

const inputsOf = ({ jobs }: RunRecord, task: string) =>
  jobs
    .filter((job) => job.task === task)
    .toSorted((a, b) => a.index - b.index)
    .map(({ env }) => JSON.parse(env['DAG_INPUT'] ?? '') as Record<string, unknown>)

/** Decisions of the simulator that mapping could depend on, each one the other way round. */
const readings: readonly NonNullable<WorldOptions['readings']>[] = [
  {},
  { nestedSlots: 'held', loopLocals: 'kept' },
  { nestedSlots: 'per-step', keyOrder: 'sorted', switchNext: 'ignored' },
  { branchId: 'name', structuralSteps: 'free', mainDepth: 'counted' },
]

const seeds = [1, 2, 3, 4, 5]

describe('a mapped task', () => {
  it('runs an instance per item, with its inputs and those in common', async () => {
    const record = await run('map')
    expect(tasksOf(record)['fetch_page']).toEqual({
      state: 'success',
      tries: 1,
      count: 3,
      counts: { success: 3 },
      parts: 'fetch_page=success',
    })
    expect(inputsOf(record, 'fetch_page')).toEqual([10, 20, 30].map((page) => ({ page, day: '2026-03-09' })))
    const { env } = record.jobs.find(({ task, index }) => task === 'fetch_page' && index === 1) ?? {}
    expect(env?.['DAG_OUTPUT_URI']).toMatch(/\/fetch_page\/1\/execution-1-1\/output\.json$/)
    expect(JSON.parse(env?.['DAG_RUN'] ?? '')).toMatchObject({
      task: 'fetch_page',
      map_index: 1,
      key: `map/${runArgument.run_id}/fetch_page/1`,
    })
  })

  it('gives all outputs and all ends as references to storage', async () => {
    const record = await run('map')
    const all = { $map: `gs://bucket/runs/map/${runArgument.run_id}/fetch_page/`, $count: 3 }
    expect(inputsOf(record, 'load')).toEqual([{ pages: { ...all, $as: 'outputs' } }])
    expect(inputsOf(record, 'tell_ends')).toEqual([{ value: { ...all, $as: 'outcomes' } }])
  })

  const ends = { ok: { output: { page: 1, rows: 2 } }, bad: refused, skip: skipping }
  const all = Object.keys(ends).flatMap((a) =>
    Object.keys(ends).flatMap((b) => Object.keys(ends).map((c) => [a, b, c] as const)),
  ) as readonly (readonly (keyof typeof ends)[])[]

  it.each(all)('ends as its instances do: %s, %s, %s', async (...each) => {
    const steps = Object.fromEntries(each.map((end, index) => [`fetch_page/${index}`, [ends[end]]]))
    const states = { ok: 'success', bad: 'failed', skip: 'skipped' }
    const present = ['success', 'failed', 'skipped'].filter((state) =>
      each.some((end) => states[end] === state),
    )
    const failed = each.flatMap((end, index) => (end === 'bad' ? [index] : []))
    for (const [position, seed] of seeds.entries()) {
      const record = await run('map', { steps, seed, readings: readings[position % readings.length] ?? {} })
      expect(tasksOf(record)['fetch_page']).toEqual({
        state: failed.length > 0 ? 'failed' : each.includes('ok') ? 'success' : 'skipped',
        tries: 1,
        count: 3,
        counts: Object.fromEntries(
          present.map((state) => [state, each.filter((end) => states[end] === state).length]),
        ),
        parts: present.map((state) => `fetch_page=${state}`).join(', '),
        ...(failed.length > 0 && {
          failed_indexes: failed,
          error: { code: 'refused', message: 'it said refused' },
        }),
      })
      expect(tasksOf(record)['load']?.state).toBe(
        failed.length > 0 ? 'upstream_failed' : each.includes('skip') ? 'skipped' : 'success',
      )
      expect(tasksOf(record)['tell_success']?.state).toBe(
        each.includes('ok') ? 'success' : failed.length > 0 ? 'upstream_failed' : 'skipped',
      )
      expect(record.state).toBe(failed.length > 0 ? 'FAILED' : 'SUCCEEDED')
      const kept = each.map((_, index) =>
        record.objects.get(`runs/map/${runArgument.run_id}/fetch_page/${index}/outcome.json`),
      )
      expect(kept.map((object) => (object?.body as { state?: string } | undefined)?.state)).toEqual(
        each.map((end) => (end === 'ok' ? undefined : states[end])),
      )
    }
  })

  it('retries each instance on its own, and tells the most tries', async () => {
    const flaky = { error: { code: 'busy', retryable: true } }
    const record = await run('map', {
      steps: { 'fetch_page/1': [flaky, { output: {} }], 'fetch_page/2': [skipping] },
    })
    expect(tasksOf(record)['fetch_page']).toMatchObject({ tries: 2, counts: { success: 2, skipped: 1 } })
    expect(record.jobs.filter(({ task }) => task === 'fetch_page')).toHaveLength(4)
  })

  it('has no more instances at work than it may', async () => {
    const pages = Array.from({ length: 10 }, (_, index) => index)
    for (const seed of seeds) {
      const record = await run('map', { steps: { plan: [giving({ pages })] }, seed })
      const starts = record.jobs.filter(({ task }) => task === 'fetch_page').map(({ at }) => at)
      // Ten seconds each: three at once take four turns.
      for (const at of new Set(starts))
        expect(starts.filter((other) => other === at).length).toBeLessThanOrEqual(3)
      expect(Math.max(...starts) - Math.min(...starts)).toBe(30)
    }
  })

  it('over an empty list is skipped, and so is what needs it', async () => {
    const record = await run('map', { steps: { plan: [giving({ pages: [] })] } })
    expect(record.state).toBe('SUCCEEDED')
    expect(tasksOf(record)).toMatchObject({
      fetch_page: { state: 'skipped', tries: 0, reason: 'the list is empty' },
      load: { state: 'skipped', reason: 'fetch_page=skipped' },
      tell_ends: { state: 'success' },
    })
    expect(inputsOf(record, 'tell_ends')).toMatchObject([{ value: { $count: 0 } }])
  })

  it.each([
    ['null', null, 'not_a_list'],
    ['a text', 'abc', 'not_a_list'],
    ['a map', { a: 1 }, 'not_a_list'],
    [
      '1,001 items',
      { $output: 'gs://b/o', $generation: '1', $path: ['pages'], $length: 1001 },
      'map_too_long',
    ],
  ])('over %s fails', async (_, pages, code) => {
    const record = await run('map', { steps: { plan: [giving({ pages })] } })
    expect(record.value['failed']).toEqual(['fetch_page'])
    expect(tasksOf(record)).toMatchObject({
      fetch_page: { state: 'failed', tries: 0, error: { code } },
      load: { state: 'upstream_failed', reason: 'fetch_page=failed' },
    })
  })

  it('takes a list that stands in storage item by item', async () => {
    const pages = { $output: 'gs://b/o', $generation: '1', $path: ['pages'], $length: 2 }
    const record = await run('map', { steps: { plan: [giving({ pages })] } })
    expect(inputsOf(record, 'fetch_page').map(({ page }) => page)).toEqual(
      [0, 1].map((index) => ({ $value: pages, $path: [index] })),
    )
  })

  it('is not expanded where what gives its list did not succeed', async () => {
    const failed = await run('map', { steps: { plan: [refused] } })
    expect(tasksOf(failed)).toMatchObject({
      fetch_page: { state: 'upstream_failed', tries: 0, reason: 'plan=failed' },
      load: { state: 'upstream_failed', reason: 'fetch_page=upstream_failed' },
    })
    const skipped = await run('map', { steps: { plan: [skipping] } })
    expect(tasksOf(skipped)).toMatchObject({ fetch_page: { state: 'skipped' }, load: { state: 'skipped' } })
  })

  it('takes a thousand instances', { timeout: 60_000 }, async () => {
    const pages = Array.from({ length: 1000 }, (_, index) => index)
    const record = await run('map_tolerate', {
      steps: { plan: [giving({ pages })], fetch_but_one: [refused], fetch_half: [skipping] },
    })
    expect(tasksOf(record)).toMatchObject({
      fetch_but_one: {
        state: 'failed',
        counts: { failed: 1000 },
        failed_indexes: Array.from({ length: 20 }, (_, index) => index),
      },
      fetch_half: { state: 'skipped', counts: { skipped: 1000 } },
    })
    expect(record.steps).toBeLessThan(100_000)
  })
})

describe('several lists', () => {
  it('are combined in every way, the last one varying fastest', async () => {
    const record = await run('map_product')
    const expected = [10, 20, 30].flatMap((page) =>
      ['a', 'b'].flatMap((name) => ['2026-01-01', '2026-01-02'].map((day) => ({ page, name, day }))),
    )
    expect(inputsOf(record, 'fetch')).toEqual(expected)
  })

  it('make no instance where one of them is empty, however long the others are', async () => {
    const pages = { $output: 'gs://b/o', $generation: '1', $path: ['pages'], $length: 100_000 }
    const record = await run('map_product', { steps: { plan: [giving({ pages, names: [] })] } })
    expect(tasksOf(record)['fetch']).toMatchObject({ state: 'skipped', reason: 'the list is empty' })
  })

  it('are walked side by side up to the shortest, or filled up to the longest', async () => {
    const record = await run('map_zip')
    expect(inputsOf(record, 'fetch_shortest')).toEqual([
      { page: 10, name: 'a' },
      { page: 20, name: 'b' },
    ])
    expect(inputsOf(record, 'fetch_longest')).toEqual([
      { page: 1, name: 'a', day: 'a' },
      { page: 1, name: 'b', day: 'b' },
      { page: 1, name: 'none', day: 'c' },
    ])
  })
})

describe('a list of whole inputs', () => {
  it('is joined with the inputs in common; outputs of instances are a list too', async () => {
    const record = await run('map_items', { steps: { 'fetch/1': [skipping] } })
    expect(inputsOf(record, 'fetch')).toEqual([
      { $merge: [{ day: '2026-03-09' }, { page: 1, name: 'x' }] },
      { $merge: [{ day: '2026-03-09' }, { page: 2, name: 'y' }] },
    ])
    const outputs = {
      $map: `gs://bucket/runs/map_items/${runArgument.run_id}/fetch/`,
      $count: 2,
      $as: 'outputs',
    }
    expect(inputsOf(record, 'tell_each')).toEqual(
      [0, 1].map((index) => ({ value: { $value: outputs, $path: [index] } })),
    )
  })

  it('of a task that was not expanded makes no instance, whatever the rule', async () => {
    const empty = await run('map_items', { steps: { plan: [giving({ loads: [] })] } })
    expect(tasksOf(empty)['tell_each']).toMatchObject({ state: 'skipped' })
    const failed = await run('map_items', { steps: { plan: [refused] } })
    expect(tasksOf(failed)['tell_each']).toMatchObject({ state: 'upstream_failed' })
  })
})

describe('failures that are tolerated', () => {
  const pages = [1, 2, 3, 4]
  it.each([
    [0, 'success', 'success'],
    [1, 'success', 'success'],
    [2, 'failed', 'success'],
    [3, 'failed', 'failed'],
    [4, 'failed', 'failed'],
  ])('%d of four', async (failing, one, half) => {
    const steps = Object.fromEntries(
      ['fetch_but_one', 'fetch_half'].flatMap((task) =>
        pages.slice(0, failing).map((_, index) => [`${task}/${index}`, [refused]] as const),
      ),
    )
    const record = await run('map_tolerate', { steps: { ...steps, plan: [giving({ pages })] } })
    expect(tasksOf(record)['fetch_but_one']).toMatchObject({ state: one })
    expect(tasksOf(record)['fetch_half']).toMatchObject({ state: half })
    const below = (state: string) => (state === 'failed' ? 'upstream_failed' : 'success')
    expect(tasksOf(record)['tell_one']?.state).toBe(below(one))
    expect(tasksOf(record)['tell_half']?.state).toBe(below(half))
    if (failing > 0) expect(tasksOf(record)['fetch_half']?.counts?.['failed']).toBe(failing)
  })
})

describe('executing a run once more', () => {
  it('runs only those instances that are not known', async () => {
    const steps = { 'fetch_page/1': [refused] }
    const first = await run('map', { steps })
    const objects = Object.fromEntries([...first.objects].map(([name, { body }]) => [name, body]))
    const known = { 'plan/0': 'success', 'fetch_page/0': 'success', 'fetch_page/2': 'success' }
    // The ledger's entries hold metadata, which the world does not carry over: their content says the same.
    const entries = Object.keys(known).map((name) => [
      `runs/map/${runArgument.run_id}/${name}/result.json`,
      { state: 'success', tries: 1, output: name === 'plan/0' ? planned.output : { page: 1, rows: 1 } },
    ])
    const again = await run('map', {
      objects: { ...objects, ...Object.fromEntries(entries) },
      argument: { ...runArgument, known },
    })
    expect(again.jobs.map(({ task, index }) => `${task}/${index}`).toSorted()).toEqual([
      'fetch_page/1',
      'load/0',
      'tell_ends/0',
      'tell_success/0',
    ])
    expect(tasksOf(again)['fetch_page']).toMatchObject({ state: 'success', tries: 1, counts: { success: 3 } })
  })

  it('leaves a mapped task alone that is known as a whole', async () => {
    const record = await run('map', { argument: { ...runArgument, known: { fetch_page: 'cancelled' } } })
    expect(tasksOf(record)['fetch_page']).toMatchObject({ state: 'cancelled', tries: 0 })
    expect(record.jobs.filter(({ task }) => task === 'fetch_page')).toEqual([])
  })
})
