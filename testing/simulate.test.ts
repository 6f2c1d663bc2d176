import { expect, expectTypeOf, it } from 'vitest'
import { fetchOrders, loadOrders, orders, report } from '../test/fixtures/orders.ts'
import { mock, simulate } from './index.ts'
import './vitest.ts'

const two = {
  orders: [
    { id: 1, total: 9.5 },
    { id: 2, total: 1 },
  ],
  page: 'last',
}

it('runs a DAG with outputs made up from its contracts', async () => {
  const run = await simulate(orders)
  expect(run).toHaveSucceeded()
  expect(run.states).toEqual({
    fetch_orders: 'success',
    load_orders: 'success',
    report: 'success',
    audit: 'success',
  })
  expect(run.outputs).toMatchObject({ fetch_orders: { orders: [], page: 'x' }, load_orders: { rows: 0 } })
  expect(run.billedSteps).toBeGreaterThan(4)
})

it('passes on what mocks give, and says what they were given', async () => {
  const run = await simulate(orders, {
    date: '2026-03-09',
    params: { shop: 'east' },
    mocks: {
      fetch_orders: two,
      load_orders: mock(loadOrders, ({ orders: list }, { task, run: facts }) => {
        expect([task, facts.params]).toEqual(['load_orders', { shop: 'east' }])
        return { rows: list.length }
      }),
    },
  })
  expect(run.logicalDate).toBe('2026-03-09T06:00:00-03:00')
  expect(run.calls.map(({ task, input }) => [task, input]).slice(0, 3)).toEqual([
    ['fetch_orders', { shop: 'east', date: '2026-03-09' }],
    ['load_orders', { orders: two.orders, note: 'none' }],
    [expect.stringMatching(/report|audit/), expect.anything()],
  ])
  expect(run.tasks['report']?.calls[0]?.input).toEqual({ rows: 2 })
  expect(run).toHaveRun('report', { after: 'load_orders', times: 1 })
})

it('retries in virtual time', async () => {
  const run = await simulate(orders, { fail: { fetch_orders: 2 }, delay: { fetch_orders: '5m' } })
  expect(run).toHaveSucceeded('fetch_orders')
  const calls = run.tasks['fetch_orders']?.calls ?? []
  expect(calls.map(({ ended }) => ended)).toEqual(['failed', 'failed', 'success'])
  const [first, second] = calls
  expect(first?.end).toBe(300_000)
  expect(second?.start).toBeGreaterThanOrEqual(360_000)
  expect(run.durationMs).toBeGreaterThan(17 * 60_000)
})

it('lets a task fail, skip itself or time out', async () => {
  const failed = await simulate(orders, { fail: ['load_orders'] })
  expect(failed).toHaveFailed()
  expect(failed).toHaveFailed('load_orders', 'simulated_failure')
  expect(failed.tasks['load_orders']?.tries).toBe(3)
  expect(failed).toHaveTaskStates({
    fetch_orders: 'success',
    report: 'upstream_failed',
    audit: 'upstream_failed',
  })

  const refused = await simulate(orders, {
    fail: { load_orders: { code: 'no_such_shop', message: 'no shop' } },
  })
  expect(refused).toHaveFailed('load_orders', 'no_such_shop')
  expect(refused.tasks['load_orders']).toMatchObject({ tries: 1, error: { message: 'no shop' } })

  const skipped = await simulate(orders, { skip: { load_orders: 'nothing new' } })
  expect(skipped).toHaveSkipped('load_orders', 'nothing new')
  expect(skipped).toHaveTaskStates({ report: 'skipped' })

  const late = await simulate(orders, { timeOut: { fetch_orders: 1 } })
  expect(late).toHaveSucceeded()
  expect(late.tasks['fetch_orders']?.calls.map(({ ended }) => ended)).toEqual(['timed_out', 'success'])
  expect(late.tasks['fetch_orders']?.calls[0]?.end).toBe(600_000)
})

it('gives a try after the other its answer, skips and errors among them', async () => {
  const run = await simulate(orders, {
    mocks: {
      fetch_orders: [{ error: { code: 'busy', retryable: true } }, two],
      load_orders: { skip: 'no rows' },
      report: { sent: true, error: 'this is a field of its output' },
    },
  })
  expect(run).toHaveRun('fetch_orders', { times: 2 })
  expect(run.outputs['fetch_orders']).toEqual(two)
  expect(run).toHaveSkipped('load_orders', 'no rows')
})

it('tells the error of a step from what a test throws', async () => {
  const stepError = Object.assign(new Error('gone'), { name: 'StepError', code: 'gone', retryable: false })
  const run = await simulate(orders, { mocks: { fetch_orders: () => Promise.reject(stepError) } })
  expect(run).toHaveFailed('fetch_orders', 'gone')
  const wrong = simulate(orders, {
    mocks: { fetch_orders: (input: { shop: string }) => expect(input.shop).toBe('west') as never },
  })
  await expect(wrong).rejects.toThrow("expected 'main' to be 'west'")
})

it('passes large outputs on as pointers', async () => {
  const many = Array.from({ length: 2000 }, (_none, id) => ({ id, total: id / 2 }))
  const seen: unknown[] = []
  const run = await simulate(orders, {
    mocks: {
      fetch_orders: mock(fetchOrders, { orders: many, page: 'all' }),
      load_orders: mock(loadOrders, ({ orders: list }) => {
        seen.push(list)
        return { rows: list.length }
      }),
    },
  })
  expect(run).toHaveSucceeded('load_orders')
  expect(seen).toEqual([many])
})

it('is the same each time, and in any order that a seed makes', async () => {
  const options = { fail: { fetch_orders: 1 }, delay: { load_orders: '90s' } } as const
  const [first, again] = [await simulate(orders, options), await simulate(orders, options)]
  expect(again).toEqual(first)
  for (let seed = 2; seed < 6; seed += 1) {
    expect((await simulate(orders, { ...options, seed })).states, `seed ${seed}`).toEqual(first.states)
  }
})

it('follows the readings that are asked for', async () => {
  const run = await simulate(orders, { readings: { structuralSteps: 'free' } })
  expect(run.billedSteps).toBeLessThan((await simulate(orders)).billedSteps)
})

it('checks typed mocks when they are written', () => {
  // @ts-expect-error rows is a number
  mock(loadOrders, { rows: 'many' })
  // @ts-expect-error a field is missing
  mock(fetchOrders, { orders: [] })
  // @ts-expect-error the handler answers with another output
  mock(report, () => ({ rows: 1 }))
  mock(report, [{ error: { code: 'busy', retryable: true } }, { sent: true }])
  mock(loadOrders, (input, call) => {
    expectTypeOf(input).toEqualTypeOf<{ orders: unknown[]; note: string }>()
    expectTypeOf(call.mapIndex).toBeNumber()
    return { skip: 'nothing to do' }
  })
})
