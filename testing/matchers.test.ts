import { beforeAll, describe, expect, it } from 'vitest'
import { orders } from '../test/fixtures/orders.ts'
import { simulate, type SimulatedRun } from './index.ts'
import './vitest.ts'

let good: SimulatedRun
let bad: SimulatedRun
beforeAll(async () => {
  good = await simulate(orders)
  bad = await simulate(orders, {
    fail: { load_orders: { code: 'full', message: 'disk full' } },
    date: '2026-03-09',
  })
})

const messageOf = (expectation: () => void): string => {
  try {
    expectation()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('the expectation holds')
}

describe('matchers', () => {
  it('hold', () => {
    expect(good).toHaveSucceeded()
    expect(good).not.toHaveFailed()
    expect(bad).toHaveFailed('load_orders', 'full')
    expect(bad).not.toHaveFailed('load_orders', 'empty')
    expect(bad).toHaveTaskStates({ load_orders: 'failed', report: 'upstream_failed' })
    expect(bad).not.toHaveTaskStates({ report: 'success' })
    expect(good).toHaveRun('report', { after: 'load_orders', times: 1 })
    expect(good).not.toHaveRun('load_orders', { after: 'report' })
    expect(bad).not.toHaveRun('report')
    expect(bad).not.toHaveSkipped('report')
  })

  it('say what was expected, what was, and how the whole run went', () => {
    expect(messageOf(() => expect(bad).toHaveSucceeded('report'))).toBe(
      [
        'expected task report to succeed',
        `  report ended as upstream_failed (${bad.tasks['report']?.reason})`,
        '',
        'run manual__2026-03-09t09-00-00z of DAG orders: failed',
        '  fetch_orders ended as success',
        '  load_orders ended as failed (full: disk full)',
        `  report ended as upstream_failed (${bad.tasks['report']?.reason})`,
        `  audit ended as upstream_failed (${bad.tasks['audit']?.reason})`,
      ].join('\n'),
    )
  })

  it.each<[string, () => void]>([
    [
      'expected the run to succeed\n  it ended as failed: DAG orders failed: load_orders',
      () => expect(bad).toHaveSucceeded(),
    ],
    ['expected the run not to succeed\n  it ended as success', () => expect(good).not.toHaveSucceeded()],
    [
      'expected task load_orders to fail with empty\n  it failed with full',
      () => expect(bad).toHaveFailed('load_orders', 'empty'),
    ],
    ['expected task report to run\n  report ended as upstream_failed', () => expect(bad).toHaveRun('report')],
    [
      'expected task report to run 2 times\n  it ran 1 times',
      () => expect(good).toHaveRun('report', { times: 2 }),
    ],
    [
      'expected task load_orders to run after report\n  load_orders began at',
      () => expect(good).toHaveRun('load_orders', { after: 'report' }),
    ],
    [
      '  repor is no task of DAG orders: fetch_orders, load_orders, report, audit',
      () => expect(good).toHaveSucceeded('repor'),
    ],
    [
      'expected tasks to end as {"report":"skipped"}\n  report ended as success',
      () => expect(good).toHaveTaskStates({ report: 'skipped' }),
    ],
    ['expected task report to be skipped', () => expect(good).toHaveSkipped('report')],
    ['this matcher is for what simulate', () => expect({ state: 'success' }).toHaveSucceeded()],
  ])('%s', (text, expectation) => {
    expect(messageOf(expectation)).toContain(text)
  })
})
