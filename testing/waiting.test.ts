import { describe, expect, it } from 'vitest'
import { all, column, dag, eq, gt, httpReady, model, objectExists, partitionExists, z } from '../dsl/index.ts'
import { loadOrders } from '../test/fixtures/orders.ts'
import { failuresOf, simulate } from './index.ts'
import './vitest.ts'

/** Waits for a file, for a service, for a person, and for another DAG. */
const waiting = dag('waiting', { description: 'Waits' }, ({ sensor, approval, trigger, task }) => {
  const file = sensor('file', objectExists({ object: 'in/_SUCCESS' }), { timeout: '6h', softFail: true })
  const ready = sensor(
    'service',
    httpReady({
      url: 'https://export.example.com/state',
      response: z.object({ state: z.enum(['busy', 'done']), rows: z.int() }),
      until: (answer) => all(eq(answer.body.state, 'done'), gt(answer.body.rows, 10)),
    }),
    { timeout: '1h', pokeInterval: '5m' },
  )
  const agreed = approval(
    'agree',
    { message: 'Load?', onReject: 'skip', onTimeout: 'fail' },
    { after: [file, ready] },
  )
  const other = trigger('marts', { dag: 'marts', params: {}, wait: true }, { after: agreed, timeout: '2h' })
  task('load', loadOrders, { orders: [] }, { after: other })
})

describe('what waits', () => {
  it('finds everything there at once, and a person who agrees', async () => {
    const run = await simulate(waiting)
    expect(run).toHaveSucceeded()
    expect(run.outputs['agree']).toMatchObject({ approved: true, by: 'simulation@example.com' })
    expect(run.tasks['agree']?.calls[0]?.input).toEqual({ message: 'Load?' })
    expect(run.outputs['marts']).toMatchObject({ state: 'success' })
  })

  it('waits for as long as it takes', async () => {
    const run = await simulate(waiting, { delay: { file: '2h', service: '30m', agree: '1d', marts: '1h' } })
    expect(run).toHaveSucceeded()
    expect(run).toHaveRun('agree', { after: 'file' })
    const looks = run.tasks['file']?.calls ?? []
    expect(looks.slice(0, -1).every(({ ended }) => ended === 'not_ready')).toBe(true)
    expect(looks.at(-1)).toMatchObject({ ended: 'success', start: 7_200_000 })
    expect(run.durationMs).toBeGreaterThan((2 + 24 + 1) * 3_600_000)
    expect(run.durationMs).toBeLessThan((2 + 24 + 1.1) * 3_600_000)
  })

  it('looks again while the answer is not the one it waits for', async () => {
    const body = (state: string, rows: number) => ({ body: { state, rows } })
    const run = await simulate(waiting, {
      mocks: { service: [body('busy', 0), body('busy', 5), body('done', 11)] },
    })
    expect(run).toHaveSucceeded('service')
    expect(run).toHaveRun('service', { times: 3 })
  })

  it('gives up when its time is over', async () => {
    const late = await simulate(waiting, { timeOut: ['file'] })
    expect(late).toHaveSkipped('file')
    const nobody = await simulate(waiting, { timeOut: ['agree'] })
    expect(nobody).toHaveFailed('agree', 'approval_timeout')
    const stuck = await simulate(waiting, { timeOut: ['marts'] })
    expect(stuck).toHaveFailed('marts', 'triggered_run_timeout')
    expect(await simulate(waiting, { timeOut: ['service'] })).toHaveFailed('service', 'sensor_timeout')
  })

  it('is told no', async () => {
    const run = await simulate(waiting, {
      mocks: { agree: { approved: false, by: 'ana', note: 'not today' } },
    })
    expect(run).toHaveSkipped('agree', 'rejected by ana: not today')
    expect(run).toHaveTaskStates({ marts: 'skipped', load: 'skipped' })
    const failed = await simulate(waiting, { mocks: { marts: { state: 'failed' } } })
    expect(failed).toHaveFailed('marts', 'triggered_run_failed')
    const refused = await simulate(waiting, { fail: { file: { code: 403, message: 'not yours' } } })
    expect(refused).toHaveFailed('file', 'http_403')
  })

  it('has its own ways to go wrong', () => {
    const ways = failuresOf(waiting).map(({ task, how }) => `${task} ${how}`)
    expect(ways).toEqual(
      expect.arrayContaining([
        'file fail',
        'file time_out',
        'agree time_out',
        'agree reject',
        'marts fail',
        'load skip',
      ]),
    )
    expect(ways).not.toContain('file skip')
    expect(ways).not.toContain('agree fail')
  })
})

it('finds a partition, or none', async () => {
  const sales = model({
    layer: 'raw',
    dataset: 'shop_raw',
    table: 'sale',
    description: 'Sales',
    columns: { day: column.required(column.date('day')), id: column.int64('id') },
    primaryKey: ['id'],
    partitionBy: 'day',
    retentionDays: null,
  })
  const days = dag('days', { description: 'Waits for a day' }, ({ run, sensor }) => {
    sensor('sales_there', partitionExists(sales, run.date), { timeout: '1h' })
  })
  const run = await simulate(days, { mocks: { sales_there: [{ ready: false }, { ready: true }] } })
  expect(run).toHaveRun('sales_there', { times: 2 })
  expect(run).toHaveSucceeded()
  expect(await simulate(days, { timeOut: ['sales_there'] })).toHaveFailed('sales_there', 'sensor_timeout')
})
