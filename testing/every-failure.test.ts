import { expect, it, test } from 'vitest'
import { orders } from '../test/fixtures/orders.ts'
import { everyFailure, failuresOf, simulate } from './index.ts'
import './vitest.ts'

it('enumerates how each task can go wrong', async () => {
  expect(failuresOf(orders).map(({ task, how }) => `${task} ${how}`)).toEqual(
    orders.tasks.flatMap(({ id }) => [`${id} fail`, `${id} skip`, `${id} time_out`]),
  )
  const seen: string[] = []
  for await (const { task, how, run } of everyFailure(orders, { mocks: { load_orders: { rows: 3 } } })) {
    seen.push(`${task} ${how}`)
    expect(run.tasks[task]?.state, `${task} ${how}`).toBe(how === 'skip' ? 'skipped' : 'failed')
    // A leaf that is skipped does not fail the run, a task that fails does.
    expect(run.state).toBe(how === 'skip' ? 'success' : 'failed')
  }
  expect(seen).toHaveLength(12)
})

test.each(failuresOf(orders).filter(({ task }) => task === 'load_orders'))(
  '$task: $how',
  async ({ circumstances }) => {
    const run = await simulate(orders, circumstances)
    expect(run).toHaveSucceeded('fetch_orders')
    expect(run).not.toHaveRun('report')
  },
)
