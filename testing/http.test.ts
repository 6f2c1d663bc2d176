import { expect, it } from 'vitest'
import { dag, type DagProblems, z } from '../dsl/index.ts'
import { loadOrders } from '../test/fixtures/orders.ts'
import { simulate } from './index.ts'
import './vitest.ts'

const closing = dag(
  'closing',
  { description: 'Closes the books', defaults: { retries: 2, retryDelay: '1m' } },
  ({ run, http, task }) => {
    const closed = http('close_books', {
      url: 'https://billing.example.com/close',
      method: 'PUT',
      body: { day: run.date },
      response: z.object({ invoices: z.int() }),
    })
    task('load', loadOrders, { orders: [closed.body.invoices] })
  },
)

it('answers with what the schema promises, unless a mock says more', async () => {
  const run = await simulate(closing, { date: '2026-03-09' })
  expect(run).toHaveSucceeded()
  expect(run.tasks['close_books']).toMatchObject({
    output: { status: 200, body: { invoices: 0 } },
    calls: [
      { input: { method: 'PUT', url: 'https://billing.example.com/close', body: { day: '2026-03-09' } } },
    ],
  })
  const more = await simulate(closing, {
    mocks: { close_books: { status: 201, body: { invoices: 7, more: 'is left out' } } },
  })
  expect(more.outputs['close_books']).toEqual({ status: 201, body: { invoices: 7 } })
  expect(more.tasks['load']?.calls[0]?.input).toMatchObject({ orders: [7] })
})

it('fails as services do', async () => {
  const passing = await simulate(closing, { fail: { close_books: 1 }, delay: { close_books: '10s' } })
  expect(passing).toHaveRun('close_books', { times: 2 })
  expect(passing).toHaveSucceeded()
  const refused = await simulate(closing, {
    mocks: { close_books: { status: 404, body: { message: 'no such book' } } },
  })
  expect(refused).toHaveFailed('close_books', 'http_404')
  expect(refused).toHaveRun('close_books', { times: 1 })
  const broken = await simulate(closing, { mocks: { close_books: { error: { code: 'broken' } } } })
  expect(broken).toHaveFailed('close_books', 'ConnectionError')
  const late = await simulate(closing, { timeOut: ['close_books'] })
  expect(late).toHaveFailed('close_books', 'TimeoutError')
  expect(late.tasks['close_books']?.calls[0]).toMatchObject({ start: 0, end: 300_000, ended: 'timed_out' })
})

it('refuses a body that the schema refuses, and a skip', async () => {
  for (const answer of [{ body: { invoices: 'many' } }, { skip: 'nothing to close' }, { invoices: 3 }]) {
    const error = await simulate(closing, { mocks: { close_books: answer } }).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as DagProblems).problems.map(({ code }) => code)).toEqual(['DAG702'])
  }
})
