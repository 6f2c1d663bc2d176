import { describe, expect, it } from 'vitest'
import { resolve } from 'node:path'
import { loadDags } from '../compiler/index.ts'
import { simulate } from './index.ts'

const [hooks] = await loadDags(resolve(import.meta.dirname, '../test'), ['hooks'], 'golden')
if (!hooks) throw new Error('no golden hooks')

describe('hooks of a simulated run', () => {
  it('are noted, with what they would be told', async () => {
    const run = await simulate(hooks, { fail: { fetch_rows: 2 }, mocks: {} })
    expect(run.state).toBe('failed')
    expect(run.told.map(({ to }) => to)).toEqual([
      'https://alerts.example.com/tasks',
      'secret variable HOOK_TASK_WEBHOOK',
      'topic pipeline-events',
      'secret variable HOOK_CHAT_WEBHOOK',
      'https://alerts.example.com/runs',
    ])
    expect(run.told[1]?.body).toMatchObject({ task: 'fetch_rows', state: 'failed', failed_count: 1 })
    expect(run.told[3]?.body).toEqual({ text: expect.stringContaining('DAG hooks failed') as unknown })
    // What is told besides changes nothing of what the run tells of its tasks.
    expect(run.tasks['fetch_rows']).toMatchObject({ state: 'failed', tries: 2 })
    expect(run.states).toEqual({ fetch_rows: 'failed', load_rows: 'upstream_failed' })
  })

  it('are told of successes once', async () => {
    const run = await simulate(hooks)
    expect(run.told.map(({ to }) => to)).toEqual(['topic loads', 'topic pipeline-events'])
  })
})
