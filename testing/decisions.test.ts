import { describe, expect, it } from 'vitest'
import type { DagProblems } from '../dsl/index.ts'
import { choosePlan, decisions } from '../test/fixtures/orders.ts'
import { failuresOf, mock, simulate } from './index.ts'
import './vitest.ts'

const plan = (mode: 'full' | 'delta' | 'none', rows = 100) => ({
  mocks: { choose: mock(choosePlan, { mode, rows }) },
})

describe('a workflow that decides', () => {
  it.each([
    ['full', 100, { load_full: 'success', load_delta: 'skipped', publish: 'success' }],
    ['full', 3, { load_full: 'success', load_delta: 'skipped', enough: 'success', publish: 'skipped' }],
    ['delta', 100, { load_full: 'skipped', load_delta: 'success', enough: 'skipped', publish: 'skipped' }],
  ] as const)('%s with %d rows', async (mode, rows, states) => {
    const run = await simulate(decisions, plan(mode, rows))
    expect(run).toHaveSucceeded()
    expect(run).toHaveTaskStates(states)
  })

  it('fails where no case is what it reads', async () => {
    expect(await simulate(decisions, plan('none'))).toHaveFailed('how', 'unknown_case')
  })

  it('is not what can fail or be mocked', async () => {
    expect(failuresOf(decisions).map(({ task }) => task)).not.toContain('how')
    for (const options of [
      { fail: ['how'] },
      { timeOut: ['enough'] },
      { mocks: { how: { chosen: ['full'] } } },
    ]) {
      const error = await simulate(decisions, options).catch((thrown: unknown) => thrown)
      expect((error as DagProblems).problems.map(({ code }) => code)).toEqual(['DAG703'])
    }
  })

  it('runs from a branch on', async () => {
    const run = await simulate(decisions, { ...plan('delta'), from: 'how' })
    expect(run).toHaveTaskStates({ choose: 'success', load_delta: 'success', load_full: 'skipped' })
    expect(run).not.toHaveRun('choose')
  })
})
