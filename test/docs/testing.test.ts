import { readFileSync } from 'node:fs'
import { join } from 'node:path'
// #region first
import { expect, test } from 'vitest'
import { everyFailure, failuresOf, mock, simulate } from '../../testing/index.ts'
import '../../testing/vitest.ts'
import shop, { fetchOrders, loadOrders } from './shop.ts'

test('a good day', async () => {
  const run = await simulate(shop, { date: '2026-03-09' })
  expect(run).toHaveSucceeded()
  expect(run).toHaveRun('tell_team', { after: 'load_orders' })
})
// #endregion

// #region mocks
test('rows are counted', async () => {
  const run = await simulate(shop, {
    params: { shop: 'east' },
    mocks: {
      fetch_orders: mock(fetchOrders, { orders: [{ id: 1, total: 9.5 }] }),
      load_orders: mock(loadOrders, ({ orders }) => ({ rows: orders.length })),
    },
  })
  expect(run.outputs['load_orders']).toEqual({ rows: 1 })
  expect(run.tasks['tell_team']?.calls[0]?.input).toEqual({ rows: 1 })
})
// #endregion

// #region answers
test('a source that is busy twice, and then has nothing', async () => {
  const run = await simulate(shop, {
    mocks: {
      fetch_orders: [
        { error: { code: 'busy', message: 'come back later', retryable: true } },
        { error: { code: 'busy', retryable: true } },
        { skip: 'no orders today' },
      ],
    },
  })
  expect(run).toHaveRun('fetch_orders', { times: 3 })
  expect(run).toHaveSkipped('fetch_orders', 'no orders')
  expect(run).toHaveTaskStates({ load_orders: 'skipped', tell_team: 'skipped' })
})
// #endregion

// #region failures
test('a load that fails for good', async () => {
  const run = await simulate(shop, { fail: ['load_orders'] })
  expect(run).toHaveFailed()
  expect(run).toHaveFailed('load_orders')
  expect(run.tasks['load_orders']?.tries).toBe(3)
  expect(run).toHaveTaskStates({ fetch_orders: 'success', tell_team: 'upstream_failed' })
})

test('a load that fails once, and a fetch that hangs once', async () => {
  const run = await simulate(shop, { fail: { load_orders: 1 }, timeOut: { fetch_orders: 1 } })
  expect(run).toHaveSucceeded()
})
// #endregion

// #region time
test('retries wait', async () => {
  const run = await simulate(shop, { fail: { fetch_orders: 1 }, delay: { fetch_orders: '20m' } })
  const [first, second] = run.tasks['fetch_orders']?.calls ?? []
  // 10 minutes are the step's timeout: a try of 20 is ended by it.
  expect(first).toMatchObject({ start: 0, end: 600_000, ended: 'timed_out' })
  expect(second?.start).toBeGreaterThan(600_000 + 5 * 60_000)
})
// #endregion

// #region every
test('nobody is told of what was not loaded', async () => {
  for await (const { task, how, run } of everyFailure(shop)) {
    if (task === 'tell_team') continue
    expect(run, `${task}: ${how}`).not.toHaveRun('tell_team')
  }
})

test.each(failuresOf(shop))('the run ends when $task does: $how', async ({ task, how, circumstances }) => {
  const run = await simulate(shop, circumstances)
  expect(run.states[task]).toBe(how === 'skip' ? 'skipped' : 'failed')
})
// #endregion

// #region parts
test('the end of the pipeline alone', async () => {
  const run = await simulate(shop, { from: 'tell_team', mocks: { load_orders: { rows: 7 } } })
  expect(run.tasks['tell_team']?.calls[0]?.input).toEqual({ rows: 7 })
  expect(run).not.toHaveRun('fetch_orders')
})
// #endregion

// #region order
test('whatever branch is first', async () => {
  for (const seed of [1, 2, 3]) {
    const run = await simulate(shop, { seed, readings: { nestedSlots: 'held' } })
    expect(run, `seed ${seed}`).toHaveSucceeded()
  }
})
// #endregion

test('every snippet of docs/testing.md stands in code that runs here', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/testing.md'), 'utf8')
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
  const regions = ['shop.ts', 'testing.test.ts'].flatMap((file) =>
    [
      ...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(
        /^\/\/ #region \w+\n([\s\S]*?)^\/\/ #endregion/gm,
      ),
    ].map(([, code = '']) => asWritten(code)),
  )
  expect(regions.length).toBeGreaterThan(8)
  expect(blocks).toEqual(regions)
})

/** Imports as they are in a project that has installed the package. */
function asWritten(code: string): string {
  return code
    .replaceAll("'../../testing/index.ts'", "'dagwright/testing'")
    .replaceAll("'../../testing/vitest.ts'", "'dagwright/testing/vitest'")
    .replaceAll("'../../dsl/index.ts'", "'dagwright'")
    .replaceAll("'../../steps/runtime/contract.ts'", "'dagwright/steps'")
    .replaceAll("'./shop.ts'", "'../dags/shop/dag.ts'")
}
