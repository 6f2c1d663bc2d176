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

/** An entry of a task's subworkflow, standing in `parent`. */
const within = (parent: number, more: Partial<StepRecord> = {}): Partial<StepRecord> => ({
  navigationInfo: { parent },
  ...more,
})

/** What `settle` returns where another try follows. */
const next = { try: 2, error: null, file: '/run-2/output.json', delay: 30 }

describe('a task', () => {
  test('that succeeds at its second try has two tries, its input and its output', () => {
    const run = fold(execution('SUCCEEDED'), [
      call('load', 1, 9, { state: 'success', tries: 2, output: { rows: 5 } }),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 5, within(1)],
      ['task_load', 'decide', 'SWITCH', 1, 1, within(2, variables({ input: { day: '2026-03-09' }, try: 1 }))],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 4, within(2, failed({ message: 'container exited 1' }))],
      ['task_load', 'failed', 'ASSIGN', 4, 4, within(2)],
      ['task_load', 'settle', 'SUBWORKFLOW_CALL', 4, 4, within(1)],
      [
        'settle',
        'describe',
        'ASSIGN',
        4,
        4,
        within(6, variables({ described: { code: 'rate_limited', message: 'slow down' } })),
      ],
      ['task_load', 'ended', 'SWITCH', 4, 4, within(1, variables({ ended: next }))],
      ['task_load', 'wait', 'STD_LIB_CALL', 4, 6, within(1)],
      ['task_load', 'next_try', 'ASSIGN', 6, 6, within(1)],
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 6, 9, within(1)],
      ['task_load', 'decide', 'SWITCH', 6, 6, within(11)],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 6, 7, within(11)],
      ['task_load', 'keep_result', 'CONNECTOR_CALL', 7, 8, within(11)],
      ['task_load', 'succeeded_or_skipped', 'RETURN', 8, 8, within(11)],
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
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 5, within(1)],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 5, within(2, failed({ message: 'job failed' }))],
      ['task_load', 'settle', 'SUBWORKFLOW_CALL', 5, 5, within(1)],
      ['task_load', 'ended', 'RETURN', 5, 5, within(1)],
      call('sum', 5, 6, { state: 'upstream_failed', tries: 0, reason: 'load=failed' }),
      ['task_sum', 'attempt', 'TRY_RETRY_EXCEPT', 5, 6, within(6)],
      ['task_sum', 'decide', 'SWITCH', 5, 5, within(7)],
      ['task_sum', 'settle', 'SUBWORKFLOW_CALL', 5, 6, within(6)],
      ['task_sum', 'ended', 'RETURN', 6, 6, within(6)],
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

  test('is told by the end of the run where its call shows no variables', () => {
    const tasks = {
      load: { state: 'failed', tries: 1, error: { code: 'x', message: 'broken' } },
      sum: { state: 'skipped', tries: 0, reason: 'load=success, gate:excluded' },
    }
    const record = execution('FAILED', { error: { payload: JSON.stringify({ message: 'no', tasks }) } })
    const run = fold(record, [
      call('load', 1, 2),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 2],
      call('sum', 1, 2),
    ])
    expect(run.tasks).toMatchObject([
      { state: 'failed', error: { code: 'x', message: 'broken' } },
      { state: 'skipped', reason: 'stopped by gate' },
    ])
  })

  test.each([
    ['succeeded', {}, 'success'],
    ['succeeded_or_skipped', { kept: { metadata: { result: '{"state":"skipped"}' } } }, 'skipped'],
    ['ended', { ended: { state: 'upstream_failed' } }, 'upstream_failed'],
    ['ended', { ended: { state: 'failed' } }, 'failed'],
    ['ended', { ended: { state: 'up_for_retry' } }, 'running'],
  ])('that returned from %s with %j is %s, though its caller has not gone on', (step, shown, state) => {
    const run = fold(execution('ACTIVE'), [
      call('load', 1, null),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 2],
      ['task_load', step, 'RETURN', 1, 2, variables(shown)],
    ])
    expect(run.tasks[0]?.state).toBe(state)
  })

  test('that still runs is running, with an open try', () => {
    const run = fold(execution('ACTIVE'), [
      call('load', 1, null),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 2, null],
      ['task_load', 'decide', 'SWITCH', 2, 2],
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
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 2, null],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 2, 3, failed({ message: 'no' })],
      ['task_load', 'failed', 'ASSIGN', 3, 3],
      ['task_load', 'settle', 'SUBWORKFLOW_CALL', 3, 3, variables({ ended: next })],
      ['task_load', 'ended', 'SWITCH', 3, 3, variables({ ended: next })],
      ['task_load', 'wait', 'STD_LIB_CALL', 3, null],
    ])
    expect(run.tasks[0]).toMatchObject({
      state: 'running',
      tries: [{ state: 'failed', error: { message: 'no' } }],
    })
  })

  test('whose container failed but had written its output has succeeded', () => {
    const ended = { state: 'success', output: {} }
    const run = fold(execution('SUCCEEDED'), [
      call('load', 1, 4, { state: 'success', output: {} }),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 4],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 3, failed({ message: 'container lost' })],
      ['task_load', 'failed', 'ASSIGN', 3, 3],
      ['task_load', 'settle', 'SUBWORKFLOW_CALL', 3, 4, variables({ ended })],
      ['task_load', 'ended', 'RETURN', 4, 4, variables({ ended })],
    ])
    expect(run.tasks[0]?.tries).toEqual([
      { start: start + 1000, end: start + 3000, state: 'success', error: null },
    ])
  })

  test('that was running when the run was cancelled was cancelled too', () => {
    const run = fold(execution('CANCELLED'), [
      call('load', 1, 4, {}),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 2, 4, { state: 'STATE_CANCELLED' }],
      ['task_load', 'run_job', 'CONNECTOR_CALL', 2, 4, { state: 'STATE_CANCELLED' }],
    ])
    expect(run.state).toBe('cancelled')
    expect(run.tasks[0]).toMatchObject({ state: 'cancelled', tries: [{ state: 'failed' }] })
  })

  test('that an earlier execution finished has no try of its own', () => {
    const run = fold(execution('SUCCEEDED'), [
      call('load', 1, 2, { state: 'success', tries: 0, restored: true, output: { rows: 5 } }),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 1, within(1)],
      ['task_load', 'decide', 'SWITCH', 1, 1, within(2)],
      ['task_load', 'settle', 'SUBWORKFLOW_CALL', 1, 2, within(1)],
      ['task_load', 'ended', 'RETURN', 2, 2, within(1)],
    ])
    expect(run.tasks[0]).toMatchObject({ state: 'success', restored: true, tries: [], output: { rows: 5 } })
  })

  test('that an earlier execution finished shows an output that nothing reads', () => {
    const result = { state: 'success', tries: 0, restored: true }
    const run = fold(execution('SUCCEEDED'), [
      call('load', 1, 2, result),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 1, within(1)],
      ['task_load', 'decide', 'SWITCH', 1, 1, within(2)],
      ['task_load', 'settle', 'SUBWORKFLOW_CALL', 1, 2, within(1)],
      [
        'settle',
        'with_output',
        'RETURN',
        2,
        2,
        { ...within(4), ...variables({ ended: { ...result, output: { rows: 5 } } }) },
      ],
      ['task_load', 'ended', 'RETURN', 2, 2, { ...within(1), ...variables({ ended: result }) }],
    ])
    expect(run.tasks[0]).toMatchObject({ state: 'success', restored: true, tries: [], output: { rows: 5 } })
  })
})

describe('a mapped task', () => {
  const mapped: Manifest = { ...manifest, tasks: [{ ...task('load'), mapped: true }] }
  const foldMapped = (record: ExecutionRecord, lines: readonly Line[]) =>
    foldRun(record, entries(lines), { manifest: mapped, sourceMap })
  /** Three instances side by side, their entries mixed. */
  const lines = (result?: Record<string, unknown>): Line[] => [
    call('load', 1, result === undefined ? null : 9, result),
    ['map_load', 'instances', 'PARALLEL_FOR', 1, 9, within(1)],
    ['map_load', 'instance', 'SUBWORKFLOW_CALL', 1, 4, within(2)],
    ['map_load', 'instance', 'SUBWORKFLOW_CALL', 1, 6, within(2)],
    ['map_load', 'instance', 'SUBWORKFLOW_CALL', 1, 8, within(2)],
    ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 4, within(3)],
    ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, 6, within(4)],
    ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, result === undefined ? null : 8, within(5)],
    ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 3, within(6, variables({ task: 'load/0' }))],
    ['task_load', 'run_job', 'CONNECTOR_CALL', 1, 5, within(7, failed({ message: 'no' }))],
    ['task_load', 'succeeded', 'RETURN', 3, 4, within(6)],
    ['task_load', 'failed', 'ASSIGN', 5, 6, within(7, variables({ task: 'load/1' }))],
    [
      'task_load',
      'run_job',
      'CONNECTOR_CALL',
      2,
      result === undefined ? null : 8,
      within(8, variables({ task: 'load/2' })),
    ],
    [
      'task_load',
      'ended',
      'RETURN',
      6,
      6,
      within(4, variables({ ended: { state: 'failed', error: { code: 'x', message: 'no' } } })),
    ],
    ...(result === undefined ? [] : [['task_load', 'succeeded', 'RETURN', 8, 8, within(8)] as Line]),
  ]

  test('counts its instances, failed ones first', () => {
    const run = foldMapped(execution('FAILED'), lines({ state: 'failed', tries: 0 }))
    expect(run.tasks[0]).toMatchObject({
      state: 'failed',
      durationMs: 8000,
      error: { code: 'x', message: 'instance 1: no' },
      instances: {
        total: 3,
        counts: { success: 2, failed: 1 },
        items: [
          { index: 1, state: 'failed', tries: [{ state: 'failed' }], error: { message: 'no' } },
          { index: 0, state: 'success' },
          { index: 2, state: 'success' },
        ],
      },
    })
  })

  test('runs while one of them does', () => {
    const run = foldMapped(execution('ACTIVE'), lines())
    expect(run.tasks[0]).toMatchObject({
      state: 'running',
      end: null,
      instances: { counts: { success: 1, failed: 1, running: 1 } },
    })
  })

  test('counts what its result tells, also where the history does not show it', () => {
    const result = { state: 'success', tries: 2, count: 400, counts: { success: 398, failed: 2 } }
    const run = foldMapped(execution('SUCCEEDED'), lines(result))
    expect(run.tasks[0]).toMatchObject({
      state: 'success',
      error: null,
      instances: { total: 400, counts: { success: 398, failed: 2 } },
    })
    expect(run.tasks[0]?.instances?.items).toHaveLength(3)
  })

  test('in a mapped group takes its time from its instances', () => {
    const tasks = { load: { state: 'failed', tries: 1, count: 3, counts: { success: 2, failed: 1 } } }
    const record = execution('FAILED', { error: { payload: JSON.stringify({ message: 'no', tasks }) } })
    const run = foldMapped(record, [
      ['main', 'shops', 'SUBWORKFLOW_CALL', 1, 9],
      ...lines({ state: 'success' }).slice(1),
    ])
    expect(run.tasks[0]).toMatchObject({ state: 'failed', start: start + 1000, end: start + 8000 })
    const open = foldMapped(execution('ACTIVE'), [
      ['main', 'shops', 'SUBWORKFLOW_CALL', 1, null],
      ...lines().slice(1),
    ])
    expect(open.tasks[0]).toMatchObject({ state: 'running', end: null })
  })

  test('of an empty list has none', () => {
    const run = foldMapped(execution('SUCCEEDED'), [
      call('load', 1, 1, { state: 'skipped', tries: 0, reason: 'empty list' }),
    ])
    expect(run.tasks[0]).toMatchObject({
      state: 'skipped',
      reason: 'empty list',
      instances: { total: 0, counts: {}, items: [] },
    })
  })
})

describe('other kinds of tasks', () => {
  const foldKind = (
    kind: Manifest['tasks'][number]['kind'],
    record: ExecutionRecord,
    lines: readonly Line[],
  ) =>
    foldRun(record, entries(lines), {
      manifest: { ...manifest, tasks: [{ ...task('load'), kind, message: 'Go on?' }] },
      sourceMap,
    }).tasks[0]

  test.each([
    ['branch', { output: { chosen: ['daily', 'weekly'] } }, 'chose daily, weekly'],
    ['branch', { output: { chosen: [] } }, 'chose nothing'],
    ['short_circuit', { for: { sum: 'success' } }, 'lets pass'],
    ['short_circuit', { for: { sum: 'excluded' } }, 'stops what comes after it'],
    ['short_circuit', { verdict: 'excluded' }, 'stops what comes after it'],
  ] as const)('a %s with %j %s', (kind, result, decision) => {
    const view = foldKind(kind, execution('SUCCEEDED'), [call('load', 1, 2, { state: 'success', ...result })])
    expect(view?.decision).toBe(decision)
  })

  test('a sensor says how often it has looked', () => {
    const view = foldKind('sensor', execution('ACTIVE'), [
      call('load', 1, null),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, null],
      ['task_load', 'look', 'TRY_RETRY_EXCEPT', 1, 2],
      ['task_load', 'look', 'TRY', 1, 2],
      ['task_load', 'look_for_object', 'CONNECTOR_CALL', 1, 2, failed({ code: 404 })],
      ['task_load', 'look', 'EXCEPT', 2, 2],
      ['task_load', 'nap', 'STD_LIB_CALL', 2, 3],
      ['task_load', 'look', 'TRY_RETRY_EXCEPT', 3, null],
    ])
    expect(view).toMatchObject({ state: 'running', pokes: 2, tries: [{ state: 'running' }] })
  })

  test('an approval says how to answer it', () => {
    const view = foldKind('approval', execution('ACTIVE'), [
      call('load', 1, null),
      ['task_load', 'attempt', 'TRY_RETRY_EXCEPT', 1, null],
      ['task_load', 'await_callback', 'STD_LIB_CALL', 1, null],
    ])
    expect(view?.waiting).toEqual({ message: 'Go on?', command: 'dag approve manual__x load' })
  })
})

describe('a run', () => {
  test('without a manifest shows the tasks that its history names', () => {
    const run = foldRun(
      execution('SUCCEEDED'),
      entries([
        call('load', 1, 2, { state: 'success' }),
        ['task_load', 'succeeded', 'RETURN', 1, 2],
        ['job_request', 'helper', 'RETURN', 1, 1],
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

  test('that the service started itself is named by what the workflow made of it', () => {
    const shown = { run_id: 'scheduled__y', trigger: 'scheduled', logical_date: '2026-03-09T00:00:00Z' }
    const record = execution('ACTIVE', { argument: '{"trigger":"scheduled"}' })
    expect(fold(record, [['main', 'start_run', 'ASSIGN', 0, 0, variables({ run: shown })]])).toMatchObject({
      runId: 'scheduled__y',
      trigger: 'scheduled',
      logicalDate: '2026-03-09T00:00:00Z',
    })
    const listed = execution('SUCCEEDED', { argument: 'null', result: '{"run_id":"manual__z","tasks":{}}' })
    expect(fold(listed, []).runId).toBe('manual__z')
  })

  test('that only cleans up behind a cancelled one is cancelled', () => {
    const argument = JSON.stringify({ run_id: 'manual__x', mode: 'teardown' })
    const result = '{"state":"cancelled"}'
    expect(fold(execution('SUCCEEDED', { argument, result }), [])).toMatchObject({
      state: 'cancelled',
      mode: 'teardown',
    })
    expect(fold(execution('FAILED', { argument }), [])).toMatchObject({ state: 'failed' })
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
