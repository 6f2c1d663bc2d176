import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileDag, findDags, loadDags } from '../compiler/index.ts'
import { simulate, type SimulateOptions } from '../testing/index.ts'

/** Every example compiles without a warning, and runs as its words say. */

const projectDir = resolve(import.meta.dirname, '..')
const names = findDags(projectDir, 'examples')
const dags = new Map(
  (await loadDags(projectDir, names, 'examples')).map((definition) => [definition.id, definition]),
)

const exampleOf = (name: string) => {
  const found = dags.get(name)
  if (!found) throw new Error(`no example ${name}`)
  return found
}

interface Scenario {
  readonly what: string
  readonly options: SimulateOptions
  readonly state: 'success' | 'failed'
  readonly states: Readonly<Record<string, string>>
}

/** What an example is there to show, beside the run in which all goes well. */
const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  full_or_delta: [
    {
      what: 'loads all, and joins',
      options: { mocks: { plan_load: { mode: 'full', since: '2026-01-01' } } },
      state: 'success',
      states: {
        plan_load: 'success',
        mode: 'success',
        load_all: 'success',
        load_new: 'skipped',
        loaded: 'success',
      },
    },
    {
      what: 'fails where the way that was taken does',
      options: { mocks: { plan_load: { mode: 'delta', since: '2026-01-01' } }, fail: ['load_new'] },
      state: 'failed',
      states: {
        plan_load: 'success',
        mode: 'success',
        load_all: 'skipped',
        load_new: 'failed',
        loaded: 'upstream_failed',
      },
    },
  ],
  only_when_new: [
    {
      what: 'has nothing to load',
      options: { mocks: { list_files: { count: 0, files: [] } } },
      state: 'success',
      states: { list_files: 'success', any_new: 'success', load_files: 'skipped' },
    },
    {
      what: 'loads what is new',
      options: { mocks: { list_files: { count: 1, files: [{ object: 'a', generation: '1' }] } } },
      state: 'success',
      states: { list_files: 'success', any_new: 'success', load_files: 'success' },
    },
  ],
  load_pages: [
    {
      what: 'has no pages',
      options: { mocks: { count_pages: { pages: [] } } },
      state: 'success',
      states: { count_pages: 'success', fetch_page: 'skipped', load_pages: 'skipped' },
    },
    {
      what: 'tolerates one page in ten',
      options: {
        mocks: { count_pages: { pages: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } },
        fail: ['fetch_page/3'],
      },
      state: 'success',
      states: { count_pages: 'success', fetch_page: 'success', load_pages: 'success' },
    },
  ],
  close_shops: [
    {
      what: 'reports although one shop fails',
      options: { mocks: { list_shops: { shops: ['a', 'b'] } }, fail: ['count_till/1'] },
      state: 'success',
      states: {
        list_shops: 'success',
        count_till: 'failed',
        book_till: 'upstream_failed',
        report_tills: 'success',
      },
    },
  ],
  report_cluster: [
    {
      what: 'deletes the cluster after a failure',
      options: { fail: ['sales_report'] },
      state: 'failed',
      states: {
        start_cluster: 'success',
        sales_report: 'failed',
        stock_report: 'success',
        delete_cluster: 'success',
      },
    },
    {
      what: 'has no cluster to delete',
      options: { fail: ['start_cluster'] },
      state: 'failed',
      states: {
        start_cluster: 'failed',
        sales_report: 'upstream_failed',
        stock_report: 'upstream_failed',
        delete_cluster: 'upstream_failed',
      },
    },
  ],
  wait_for_export: [
    {
      what: 'gives up without failing',
      options: { timeOut: ['export_complete'] },
      state: 'success',
      states: { export_complete: 'skipped', list_files: 'skipped', load_files: 'skipped' },
    },
  ],
  publish_prices: [
    {
      what: 'keeps the prices to itself when they are rejected',
      options: {
        params: { region: 'north' },
        mocks: { approve_prices: { approved: false, by: 'ana@example.com', note: 'too low' } },
      },
      state: 'success',
      states: { compute_prices: 'success', approve_prices: 'skipped', send_prices: 'skipped' },
    },
  ],
  close_books: [
    {
      what: 'has no invoices',
      options: { mocks: { close_day: { status: 200, body: { invoices: 0 } } } },
      state: 'success',
      states: { close_day: 'success', any_invoice: 'success', load_orders: 'skipped' },
    },
  ],
  nightly: [
    {
      what: 'stops where the first of them fails',
      options: { mocks: { run_export: { state: 'failed' } } },
      state: 'failed',
      states: { run_export: 'failed', run_prices: 'upstream_failed' },
    },
  ],
  load_partners: [
    {
      what: 'fails with one partner, and tells so',
      options: { fail: ['load_acme'] },
      state: 'failed',
      states: {
        list_acme: 'success',
        load_acme: 'failed',
        list_globex: 'success',
        load_globex: 'success',
        list_initech: 'success',
        load_initech: 'success',
        list_umbrella: 'success',
        load_umbrella: 'success',
      },
    },
  ],
}

/** Params that have no default. */
const params: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  publish_prices: { region: 'south' },
}

describe.each(names)('example %s', (name) => {
  it('compiles without a warning', () => {
    expect(compileDag(exampleOf(name), { projectDir }).warnings).toEqual([])
  })

  it('runs', async () => {
    const run = await simulate(exampleOf(name), { params: params[name] ?? {} })
    expect(run.state, JSON.stringify(run.states)).toBe('success')
  })

  it.each(scenarios[name] ?? [])('$what', async ({ options, state, states }) => {
    const run = await simulate(exampleOf(name), options)
    expect(run.states).toEqual(states)
    expect(run.state).toBe(state)
  })
})

it('there are ten examples, each of which shows something', () => {
  expect(names).toHaveLength(10)
  expect(Object.keys(scenarios).toSorted()).toEqual(names)
})

it('two loads of partners run at a time', async () => {
  const tasks = ['acme', 'globex', 'initech', 'umbrella'].map((partner) => `load_${partner}`)
  const run = await simulate(exampleOf('load_partners'), {
    delay: Object.fromEntries(tasks.map((task) => [task, '10m'] as const)),
  })
  expect(run.told.map(({ to }) => to)).toEqual(['topic pipeline-events'])
  const loads = run.calls.filter(({ task }) => tasks.includes(task))
  for (const { start } of loads) {
    const during = loads.filter((other) => other.start <= start && (other.end ?? Infinity) > start)
    expect(during.length).toBeLessThanOrEqual(2)
  }
  expect(loads).toHaveLength(4)
})
