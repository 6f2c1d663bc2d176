import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { httpError, mapOf } from '../../simulator/engine/index.ts'
import { runArgument, runWorkflow, type WorldOptions } from './world.ts'

/** Who is told of a run and of its tasks, by the compiled YAML. */

const run = (options: WorldOptions = {}) =>
  runWorkflow(join(import.meta.dirname, 'hooks', 'workflow.yaml'), options)

const refused = { error: { code: 'private_user', retryable: false } }
const link =
  'https://console.cloud.google.com/workflows/workflow/us-central1/golden/execution/execution-1/summary?project=local-project'
const about = {
  dag: 'hooks',
  run_id: runArgument.run_id,
  logical_date: runArgument.logical_date,
  execution: link,
}

const inputs = (jobs: readonly { readonly env: Readonly<Record<string, string>> }[]) =>
  jobs.map(
    ({ env }) => JSON.parse(env['DAG_INPUT'] ?? '{}') as { variable?: string; body?: { text: string } },
  )

describe('hooks', () => {
  it('are told of a run and of a task that succeed', async () => {
    const { value, published, requests, jobs } = await run()
    expect(value['state']).toBe('success')
    expect(published).toEqual([
      {
        topic: 'projects/local-project/topics/loads',
        attributes: { dag: 'hooks', run_id: runArgument.run_id, state: 'success' },
        data: {
          ...about,
          task: 'load_rows',
          map_index: 0,
          state: 'success',
          failed: [],
          failed_count: 0,
          text: `task load_rows of DAG hooks succeeded: ${runArgument.run_id}\n${link}`,
        },
      },
      {
        topic: 'projects/local-project/topics/pipeline-events',
        attributes: { dag: 'hooks', run_id: runArgument.run_id, state: 'success' },
        data: {
          ...about,
          task: null,
          map_index: null,
          state: 'success',
          failed: [],
          failed_count: 0,
          text: `DAG hooks succeeded: ${runArgument.run_id}\n${link}`,
        },
      },
    ])
    expect(requests).toEqual([])
    expect(jobs.map(({ task }) => task)).toEqual(['fetch_rows', 'load_rows'])
  })

  it('are told of a failure with its code and message, each in its form', async () => {
    const { value, published, requests, jobs } = await run({ steps: { fetch_rows: [refused] } })
    const failed = [{ task: 'fetch_rows', code: 'private_user', message: 'it said private_user' }]
    const text = `DAG hooks failed: ${runArgument.run_id}\nfetch_rows: it said private_user\n${link}`
    const event = { ...about, task: null, map_index: null, state: 'failed', failed, failed_count: 1, text }
    expect(value).toMatchObject({ tags: ['DagRunFailed'], failed: ['fetch_rows'] })
    expect(published.map(({ data }) => data)).toEqual([event])
    expect(requests).toEqual([
      {
        method: 'POST',
        url: 'https://alerts.example.com/tasks',
        timeout: 30,
        body: {
          text: `task fetch_rows of DAG hooks failed: ${runArgument.run_id}\nit said private_user\n${link}`,
        },
      },
      {
        method: 'POST',
        url: 'https://alerts.example.com/runs',
        auth: { type: 'OIDC' },
        timeout: 30,
        body: event,
      },
    ])
    expect(inputs(jobs.slice(1))).toEqual([
      {
        variable: 'HOOK_TASK_WEBHOOK',
        body: expect.objectContaining({ task: 'fetch_rows', state: 'failed', failed }) as unknown,
      },
      { variable: 'HOOK_CHAT_WEBHOOK', body: { text } },
    ])
    const outputs = jobs.map(({ env }) => env['DAG_OUTPUT_URI'])
    expect(new Set(outputs).size).toBe(outputs.length)
  })

  it('say nothing of tries that are repeated, of tasks that do not run, and of skips', async () => {
    const flaky = { error: { code: 'overloaded', retryable: true } }
    const retried = await run({ steps: { fetch_rows: [flaky, { output: {} }] } })
    expect(retried.requests).toEqual([])
    const skipped = await run({ steps: { fetch_rows: [{ skip: 'nothing new' }] } })
    expect(skipped.published.map(({ topic }) => topic)).toEqual([
      'projects/local-project/topics/pipeline-events',
    ])
    const known = await run({
      argument: { ...runArgument, known: { 'load_rows/0': 'skipped' } },
    })
    expect(known.published.map(({ topic }) => topic)).toEqual([
      'projects/local-project/topics/pipeline-events',
    ])
  })

  it('that fail are logged, and change nothing', async () => {
    const expected = await run({ steps: { fetch_rows: [refused] } })
    const { value, logs, published } = await run({
      steps: { fetch_rows: [refused] },
      answer: () => ({ status: 404 }),
      failing: (connector) => (connector.includes('pubsub') ? httpError(403, mapOf({}), null) : null),
    })
    expect(value).toEqual(expected.value)
    expect(published).toEqual([])
    const told = logs.filter(({ code }) => code === 'hook_failed')
    expect(
      told.map(({ severity, task, message }) => [severity, task, String(message).split(':')[0]]),
    ).toEqual([
      ['WARNING', 'fetch_rows', 'webhook https'],
      ['WARNING', null, 'topic pipeline-events was not told'],
      ['WARNING', null, 'webhook https'],
    ])
    const broken = await run({
      steps: { fetch_rows: [refused], '_hook.fetch_rows': ['crash'], _run: ['crash'] },
    })
    expect(broken.value).toEqual(expected.value)
    expect(broken.logs.filter(({ code }) => code === 'hook_failed')).toHaveLength(2)
  })
})

describe("logTasks: 'all'", () => {
  it('logs starts and ends beside what is logged in any case', async () => {
    const flaky = { error: { code: 'overloaded', retryable: true } }
    const { logs } = await run({ steps: { fetch_rows: [flaky, { output: {} }] } })
    expect(
      logs.map(({ severity, task, try: tries, state, message }) => [severity, task, tries, state, message]),
    ).toEqual([
      ['INFO', 'fetch_rows', 1, undefined, 'started'],
      ['WARNING', 'fetch_rows', 1, 'up_for_retry', 'it said overloaded'],
      ['INFO', 'fetch_rows', 2, undefined, 'started'],
      ['INFO', 'fetch_rows', 2, 'success', 'ended: success'],
      ['INFO', 'load_rows', 1, undefined, 'started'],
      ['INFO', 'load_rows', 1, 'success', 'ended: success'],
    ])
    expect(logs.every(({ dag, run_id }) => dag === 'hooks' && run_id === runArgument.run_id)).toBe(true)
  })
})
