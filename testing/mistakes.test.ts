import { expect, it } from 'vitest'
import { DagProblems } from '../dsl/index.ts'
import { loadOrders, orders } from '../test/fixtures/orders.ts'
import { mock, simulate, type SimulateOptions } from './index.ts'

const cases: readonly (readonly [string, SimulateOptions, RegExp, RegExp])[] = [
  ['DAG701', { fail: ['load_order'] }, /fail names "load_order"/, /did you mean "load_orders"/],
  ['DAG701', { mocks: { 'fetch_ordes/2': {} } }, /mocks names "fetch_ordes"/, /did you mean/],
  ['DAG701', { delay: { nothing_like_it: '1m' } }, /delay names/, /known tasks: fetch_orders, /],
  ['DAG702', { mocks: { load_orders: { rows: -1 } } }, /orders\/load does not promise.*rows/s, /give what/],
  ['DAG702', { mocks: { load_orders: { output: { rows: 'x' } } } }, /does not fit/, /give what/],
  ['DAG702', { mocks: { load_orders: [] } }, /empty list/, /one answer a try/],
  ['DAG702', { mocks: { load_orders: { error: { message: 'x' } } } }, /the error in the mock/, /give what/],
  ['DAG702', { mocks: { load_orders: () => ({ rows: 0.5 }) } }, /does not promise/, /give what/],
  [
    'DAG702',
    { mocks: { fetch_orders: mock(loadOrders, { rows: 1 }) } },
    /made for step orders\/load/,
    /the contract/,
  ],
  ['DAG702', { delay: { load_orders: '1 hour' as never } }, /the delay of load_orders/, /90s/],
  ['DAG704', { params: { shop: 7 } }, /shop/, /declares/],
  ['DAG704', { params: { shops: 'x' } }, /shops/, /declares/],
]

it.each(cases)('%s %o', async (code, options, message, hint) => {
  const error = await simulate(orders, options).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DagProblems)
  const { problems } = error as DagProblems
  expect(problems.map((problem) => problem.code)).toEqual([code])
  expect(problems[0]?.message).toMatch(message)
  expect(problems[0]?.hint).toMatch(hint)
  expect(problems[0]?.at?.file).toMatch(/mistakes\.test\.ts$/)
})

it('names every mistake at once', async () => {
  const error = await simulate(orders, { fail: ['a'], skip: ['b'], params: { c: 1 } }).catch(
    (thrown: unknown) => thrown,
  )
  expect((error as DagProblems).problems.map(({ code }) => code)).toEqual(['DAG701', 'DAG701', 'DAG704'])
})
