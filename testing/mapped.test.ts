import { expect, it } from 'vitest'
import { dag, z } from '../dsl/index.ts'
import { defineContract } from '../steps/runtime/contract.ts'
import { mock, simulate } from './index.ts'
import './vitest.ts'

const contract = <I extends z.ZodObject, O extends z.ZodObject>(name: string, input: I, output: O) =>
  defineContract({ name: `shops/${name}`, image: 'steps', input, output })

const list = contract('list', z.object({}), z.object({ shops: z.array(z.string()) }))
const load = contract('load', z.object({ shop: z.string() }), z.object({ rows: z.int() }))
const sum = contract(
  'sum',
  z.object({ loads: z.array(z.object({ rows: z.int() }).nullable()) }),
  z.object({ rows: z.int() }),
)

const shops = dag(
  'shops',
  { description: 'Every shop', defaults: { retries: 1, retryDelay: '1m' } },
  ({ task, map }) => {
    const all = task('list_shops', list, {})
    const loads = map('load_shop', load, { shop: all.shops }, { tolerateFailed: 1 })
    task('sum_up', sum, { loads: loads.outputs })
  },
)

const three = {
  list_shops: mock(list, { shops: ['east', 'south', 'west'] }),
  load_shop: mock(load, ({ shop }, { mapIndex }) => ({ rows: shop.length + mapIndex })),
  sum_up: mock(sum, ({ loads }) => ({ rows: loads.reduce((rows, one) => rows + (one?.rows ?? 0), 0) })),
}

it('mocks each instance of a mapped task', async () => {
  const run = await simulate(shops, { mocks: three })
  expect(run).toHaveSucceeded()
  expect(run).toHaveRun('load_shop', { after: 'list_shops', times: 3 })
  expect(run.tasks['load_shop']?.calls.map(({ mapIndex, input }) => [mapIndex, input]).toSorted()).toEqual([
    [0, { shop: 'east' }],
    [1, { shop: 'south' }],
    [2, { shop: 'west' }],
  ])
  expect(run.outputs['sum_up']).toEqual({ rows: 4 + 6 + 6 })
})

it('lets single instances go wrong', async () => {
  const one = await simulate(shops, { mocks: three, fail: ['load_shop/1'] })
  expect(one).toHaveSucceeded()
  expect(one.outputs['sum_up']).toEqual({ rows: 4 + 6 })
  expect(one.tasks['load_shop']?.calls.filter(({ mapIndex }) => mapIndex === 1)).toHaveLength(2)
  expect(one.tasks['load_shop']?.instances?.map(({ state }) => state)).toEqual([
    'success',
    'failed',
    'success',
  ])

  const two = await simulate(shops, {
    mocks: { ...three, 'load_shop/2': { error: { code: 'closed' } } },
    fail: ['load_shop/1'],
  })
  expect(two).toHaveFailed('load_shop')
  expect(two).toHaveTaskStates({ sum_up: 'upstream_failed' })
  expect(two.tasks['load_shop']?.instances?.[2]).toMatchObject({
    state: 'failed',
    tries: 1,
    error: { code: 'closed' },
  })
})

it('has no instance where the list is empty', async () => {
  const run = await simulate(shops)
  expect(run).not.toHaveRun('load_shop')
  expect(run).toHaveSkipped('load_shop')
})

it('stands above what runs alone: its instances give what their mocks say', async () => {
  const run = await simulate(shops, { mocks: three, only: ['sum_up'] })
  expect(run).toHaveSucceeded()
  expect(run).not.toHaveRun('list_shops')
  expect(run.outputs['sum_up']).toEqual({ rows: 4 + 6 + 6 })
  const first = await simulate(shops, { mocks: three, only: ['list_shops'] })
  expect(first).toHaveTaskStates({ list_shops: 'success', load_shop: 'skipped', sum_up: 'skipped' })
})
