import { describe, expect, test } from 'vitest'
import type { Manifest } from '../artifact/manifest.ts'
import type { SourceMap } from '../artifact/map.ts'
import { foldRun } from './fold.ts'
import type { ExecutionRecord, StepRecord } from './service.ts'

const start = Date.parse('2026-03-10T09:00:00Z')
const at = (second: number) => new Date(start + second * 1000).toISOString()

/** Entries as the service lists them: `[routine, step, type, from, to | null, more]`. */
type Line = [string, string, string, number, number | null, Partial<StepRecord>?]

function entries(lines: readonly Line[]): StepRecord[] {
  return lines.map(([routine, step, type, from, to, more], index) => ({
    entryId: index + 1,
    routine,
    step,
    stepType: `STEP_${type}`,
    createTime: at(from),
    updateTime: at(to ?? from),
    state: to === null ? 'STATE_IN_PROGRESS' : 'STATE_SUCCEEDED',
    ...more,
  }))
}

const failed = (raised: unknown): Partial<StepRecord> => ({
  state: 'STATE_FAILED',
  exception: { payload: JSON.stringify(raised) },
})
const variables = (map: Record<string, unknown>): Partial<StepRecord> => ({
  variableData: { variables: map },
})

const task = (id: string, upstream: string[] = []) => ({
  id,
  kind: 'step' as const,
  group: null,
  upstream,
  reads: [],
  writes: [],
  runs: `shop/${id}`,
  retries: 2,
  timeoutSeconds: 60,
})
const manifest: Manifest = {
  version: 1,
  dag: 'shop',
  description: 'Shop',
  schedule: null,
  maxActiveRuns: 1,
  params: {},
  workflow: { id: 'shop', file: 'workflow.yaml', env: [] },
  tasks: [task('load'), task('sum', ['load'])],
  jobs: [],
  datasets: [],
  tables: [],
  routines: [],
  identities: [],
}
const sourceMap: SourceMap = {
  version: 1,
  dag: 'shop',
  at: { file: 'dags/shop/dag.ts', line: 3 },
  tasks: [
    { id: 'load', routine: 'task_load', at: { file: 'dags/shop/dag.ts', line: 8 }, steps: {} },
    { id: 'sum', routine: 'task_sum', at: { file: 'dags/shop/dag.ts', line: 9 }, steps: {} },
  ],
}

function execution(state: string, more: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return {
    name: 'projects/1/locations/l/workflows/shop/executions/e1',
    state,
    startTime: at(0),
    ...(state === 'ACTIVE' ? {} : { endTime: at(20) }),
    argument: JSON.stringify({
      run_id: 'manual__x',
      trigger: 'manual',
      logical_date: '2026-03-09T06:00:00-03:00',
      params: { n: 1 },
    }),
    labels: {},
    ...more,
  }
}

const call = (id: string, from: number, to: number | null, result?: Record<string, unknown>): Line => [
  'main',
  id,
  'SUBWORKFLOW_CALL',
  from,
  to,
  result === undefined ? {} : variables({ [`result_${id}`]: result }),
]

const fold = (record: ExecutionRecord, lines: readonly Line[]) =>
  foldRun(record, entries(lines), { manifest, sourceMap })

describe('a task', () => {
  test('that succeeds at its second try has two tries, its input and its output', () => {
    const run = fold(execution('SUCCEEDED'), [
      call('load', 1, 9, { state: 'success', tries: 2, output: { rows: 5 } }),
      ['task_load', 'decide', 'SWITCH', 1, 1, variables({ input: { day: '2026-03-09' } })],
      ['task_load', 'tries', 'TRY_RETRY_EXCEPT', 1, 8],
      ['task_load', 'next_try', 'ASSIGN', 1, 1],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 3],
      ['task_load', 'read_result', 'CONNECTOR_CALL', 3, 4],
      ['task_load', 'check_result', 'SWITCH', 4, 4, failed({ code: 'rate_limited', message: 'slow down' })],
      ['task_load', 'next_try', 'ASSIGN', 6, 6],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 6, 7],
      ['task_load', 'read_result', 'CONNECTOR_CALL', 7, 8],
      ['task_load', 'check_result', 'SWITCH', 8, 8],
      ['task_load', 'succeeded', 'RETURN', 9, 9],
    ])
    expect(run).toMatchObject({
      state: 'success',
      runId: 'manual__x',
      params: { n: 1 },
      start,
      end: start + 20_000,
    })
    expect(run.tasks[0]).toMatchObject({
      state: 'success',
      start: start + 1000,
      end: start + 9000,
      durationMs: 8000,
      input: { day: '2026-03-09' },
      output: { rows: 5 },
      error: null,
      at: 'dags/shop/dag.ts:8',
    })
    expect(run.tasks[0]?.tries).toEqual([
      {
        start: start + 1000,
        end: start + 4000,
        state: 'failed',
        error: { code: 'rate_limited', message: 'slow down' },
      },
      { start: start + 6000, end: start + 8000, state: 'success', error: null },
    ])
    expect(run.tasks[1]).toMatchObject({ state: 'none', tries: [], start: null, durationMs: null })
  })

  test('that failed says why and where it was declared; below it is upstream_failed', () => {
    const run = fold(execution('FAILED', { error: { payload: '{"message":"1 task failed"}' } }), [
      call('load', 1, 5, { state: 'failed', error: { code: 'private_user', message: 'profile is private' } }),
      ['task_load', 'next_try', 'ASSIGN', 1, 1],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 5, failed({ message: 'job failed' })],
      ['task_load', 'failed', 'RETURN', 5, 5],
      call('sum', 5, 6, { state: 'upstream_failed', reason: 'load failed' }),
      ['task_sum', 'decide', 'SWITCH', 5, 5],
      ['task_sum', 'upstream_failed', 'RETURN', 6, 6],
    ])
    expect(run).toMatchObject({ state: 'failed', error: { message: '1 task failed' } })
    expect(run.tasks[0]).toMatchObject({
      state: 'failed',
      error: { code: 'private_user', message: 'profile is private' },
      at: 'dags/shop/dag.ts:8',
    })
    expect(run.tasks[0]?.tries).toHaveLength(1)
    expect(run.tasks[1]).toMatchObject({
      state: 'upstream_failed',
      tries: [],
      reason: 'load failed',
      error: null,
    })
  })

  test.each([
    ['skipped', 'skipped'],
    ['upstream_skipped', 'skipped'],
  ])('that returns from %s is %s, with the reason', (step, state) => {
    const run = fold(execution('SUCCEEDED'), [
      call('load', 1, 2, { state: 'skipped', reason: 'nothing new' }),
      ['task_load', step, 'RETURN', 1, 2],
    ])
    expect(run.tasks[0]).toMatchObject({ state, reason: 'nothing new' })
  })

  test('that still runs is running, with an open try', () => {
    const run = fold(execution('ACTIVE'), [
      call('load', 1, null),
      ['task_load', 'next_try', 'ASSIGN', 2, 2],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 2, null],
    ])
    expect(run).toMatchObject({ state: 'running', end: null })
    expect(run.tasks[0]).toMatchObject({
      state: 'running',
      end: null,
      tries: [{ state: 'running', end: null }],
    })
  })

  test('between two tries is running, its last try failed', () => {
    const run = fold(execution('ACTIVE'), [
      call('load', 1, null),
      ['task_load', 'next_try', 'ASSIGN', 2, 2],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 2, 3, failed({ message: 'no' })],
    ])
    expect(run.tasks[0]).toMatchObject({
      state: 'running',
      tries: [{ state: 'failed', error: { message: 'no' } }],
    })
  })

  test('whose container failed but had written its output has succeeded', () => {
    const run = fold(execution('SUCCEEDED'), [
      call('load', 1, 4, { state: 'success', output: {} }),
      ['task_load', 'next_try', 'ASSIGN', 1, 1],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 3, failed({ message: 'container lost' })],
      ['task_load', 'start_job', 'TRY_RETRY_EXCEPT', 1, 3],
      ['task_load', 'keep_error', 'ASSIGN', 3, 3],
      ['task_load', 'read_result', 'CONNECTOR_CALL', 3, 4],
      ['task_load', 'succeeded', 'RETURN', 4, 4],
    ])
    expect(run.tasks[0]?.tries).toEqual([
      { start: start + 1000, end: start + 4000, state: 'success', error: null },
    ])
  })

  test('that was running when the run was cancelled has failed', () => {
    const run = fold(execution('CANCELLED'), [
      call('load', 1, 4, {}),
      ['task_load', 'next_try', 'ASSIGN', 2, 2],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 2, 4, { state: 'STATE_CANCELLED' }],
    ])
    expect(run.state).toBe('cancelled')
    expect(run.tasks[0]).toMatchObject({ state: 'failed', error: { message: 'the run was cancelled' } })
  })
})

describe('a run', () => {
  test('without a manifest shows the tasks that its history names', () => {
    const run = foldRun(
      execution('SUCCEEDED'),
      entries([
        call('load', 1, 2, { state: 'success' }),
        ['task_load', 'succeeded', 'RETURN', 1, 2],
        ['task_files', 'helper', 'RETURN', 1, 1],
      ]),
      { manifest: null, sourceMap: null },
    )
    expect(run.dag).toBe('shop')
    expect(run.tasks.map(({ id, state }) => [id, state])).toEqual([['load', 'success']])
  })

  test('without a run argument is named by its execution', () => {
    expect(
      foldRun(execution('FAILED', { argument: '3' }), [], { manifest: null, sourceMap: null }),
    ).toMatchObject({
      runId: 'e1',
      logicalDate: null,
      tasks: [],
    })
  })

  test('bills steps, not the blocks inside them', () => {
    const lines: Line[] = [
      ['main', 'a', 'ASSIGN', 0, 0],
      ['main', 'b', 'PARALLEL_BRANCH', 0, 1],
      ['main', 'b', 'PARALLEL_BRANCH_ENTRY', 0, 1],
      ['main', 'c', 'TRY_RETRY_EXCEPT', 0, 1],
      ['main', 'c', 'TRY', 0, 1],
      ['main', 'd', 'CONNECTOR_CALL', 0, 1],
    ]
    expect(fold(execution('SUCCEEDED'), lines).billedSteps).toBe(4)
  })
})
