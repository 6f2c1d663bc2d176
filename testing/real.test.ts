import { join } from 'node:path'
import { expect, it } from 'vitest'
import { containerScript } from '../cli/testing/project.ts'
import { loadDags } from '../compiler/index.ts'
import { orders } from '../test/fixtures/orders.ts'
import { simulate } from './index.ts'
import './vitest.ts'

const container = containerScript(`
const outcome = process.env.GREETING === 'hello'
  ? { output: { rows: input.orders.length } }
  : { error: { code: 'no_greeting', message: 'GREETING is not there' } }
`)

it('runs the steps that are asked for as processes', async () => {
  const objects: string[] = []
  const run = await simulate(orders, {
    real: ['load_orders'],
    images: { steps: { command: [process.execPath, '-e', container] } },
    env: { GREETING: 'hello' },
    mocks: { fetch_orders: { orders: [{ id: 1, total: 2 }], page: '' } },
    inspect: async (cloud) => {
      objects.push(...(await cloud.objects('runs/orders/')))
      const output = objects.find((name) => name.includes('/load_orders/') && name.endsWith('/output.json'))
      expect(await cloud.object(output ?? '')).toBe('{"output":{"rows":1}}')
      expect(await cloud.object('no/such/object')).toBeNull()
    },
  })
  expect(run).toHaveSucceeded()
  expect(run.outputs['load_orders']).toEqual({ rows: 1 })
  expect(run.tasks['load_orders']?.calls).toMatchObject([
    { ended: 'real', input: { orders: [{ id: 1, total: 2 }] } },
  ])
  expect(run.tasks['report']?.calls).toMatchObject([{ ended: 'success', input: { rows: 1 } }])
  expect(objects.some((name) => name.endsWith('state.json'))).toBe(true)
})

it('builds the models that are asked for in a warehouse of its own', async () => {
  const [models] = await loadDags(join(import.meta.dirname, '../test'), ['models'], 'golden')
  if (models === undefined) throw new Error('there is no golden of models')
  const rows: unknown[] = []
  const run = await simulate(models, {
    date: '2026-03-09',
    real: ['tru_sale', 'count_rejected'],
    inspect: async (cloud) => {
      rows.push(
        ...(await cloud.query('SELECT COUNT(*) AS sales, DATE "2026-03-09" AS day FROM shop_tru.sale')),
      )
    },
  })
  expect(run).toHaveSucceeded()
  expect(run.tables).toEqual({ 'shop_tru.sale': 0, 'shop_tru.rejected': 0, 'shop_dmt.rejected': 0 })
  expect(rows).toEqual([{ sales: 0, day: '2026-03-09' }])
  expect(run.tasks['tru_sale']?.calls).toMatchObject([{ ended: 'real', try: 1 }])
})
