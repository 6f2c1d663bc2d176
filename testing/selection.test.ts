import { expect, it } from 'vitest'
import { DagProblems } from '../dsl/index.ts'
import { fetchOrders, orders } from '../test/fixtures/orders.ts'
import { mock, simulate, type SimulateOptions } from './index.ts'

const many = { orders: Array.from({ length: 1500 }, (_none, id) => ({ id, total: 0.5 })), page: 'all' }

const statesOf = async (options: SimulateOptions) => {
  const run = await simulate(orders, options)
  return { states: run.states, called: run.calls.map(({ task }) => task), run }
}

it('runs a task and everything below it with what the tasks above are said to give', async () => {
  const { states, called, run } = await statesOf({ from: 'load_orders', mocks: { fetch_orders: many } })
  expect(states).toEqual({
    fetch_orders: 'success',
    load_orders: 'success',
    report: 'success',
    audit: 'success',
  })
  expect(called.toSorted()).toEqual(['audit', 'load_orders', 'report'])
  // A large output comes as a pointer, as it would from the step itself.
  expect(run.tasks['load_orders']?.calls[0]?.input).toEqual({ orders: many.orders, note: 'none' })
})

it('runs single tasks, and skips what they do not need', async () => {
  const one = await statesOf({ only: ['report'], mocks: { load_orders: { rows: 3 } } })
  expect(one.called).toEqual(['report'])
  expect(one.states).toEqual({
    fetch_orders: 'success',
    load_orders: 'success',
    report: 'success',
    audit: 'skipped',
  })
  expect(one.run.tasks['report']?.calls[0]?.input).toEqual({ rows: 3 })
  const two = await statesOf({ only: ['fetch_orders', 'report'] })
  expect(two.called).toEqual(['fetch_orders', 'report'])
})

it('takes over that a task above skipped itself', async () => {
  const { states, called } = await statesOf({ from: 'load_orders', skip: ['fetch_orders'] })
  expect(called).toEqual([])
  expect(states).toMatchObject({ fetch_orders: 'skipped', load_orders: 'skipped' })
})

it.each<[string, SimulateOptions, RegExp]>([
  ['DAG701', { from: 'load' }, /from names "load"/],
  ['DAG701', { only: ['report', 'audits'] }, /only names "audits"/],
  [
    'DAG705',
    { from: 'report', mocks: { load_orders: () => ({ rows: 1 }) } },
    /task load_orders does not run, and its mock is no output/,
  ],
  ['DAG705', { from: 'report', fail: ['load_orders'] }, /task load_orders does not run/],
  ['DAG705', { only: ['report'], real: ['load_orders'] }, /run manual__\S+ has no result of it/],
  [
    'DAG702',
    { from: 'load_orders', mocks: { fetch_orders: mock(fetchOrders, { orders: [] } as never) } },
    /page/,
  ],
])('%s %o', async (code, options, message) => {
  const error = await simulate(orders, options).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DagProblems)
  expect((error as DagProblems).problems.map((problem) => problem.code)).toEqual([code])
  expect((error as DagProblems).message).toMatch(message)
})
