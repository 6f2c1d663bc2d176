import { expect, test } from 'vitest'
import type { InstanceView, RunView, TaskView } from '../history/run-view.ts'
import { runText } from './run-text.ts'

const start = Date.parse('2026-03-10T09:00:00Z')

function task(id: string, more: Partial<TaskView>): TaskView {
  return {
    id,
    kind: 'step',
    group: null,
    upstream: [],
    runs: `shop/${id}`,
    writes: [],
    state: 'success',
    tries: [],
    start,
    end: start + 1000,
    durationMs: 1000,
    input: undefined,
    output: undefined,
    reason: null,
    error: null,
    at: null,
    restored: false,
    decision: null,
    pokes: null,
    waiting: null,
    instances: null,
    ...more,
  }
}

const run = (tasks: readonly TaskView[]): RunView => ({
  dag: 'shop',
  description: 'Sales',
  runId: 'manual__x',
  trigger: 'manual',
  mode: 'rerun',
  state: 'running',
  logicalDate: '2026-03-09T06:00:00-03:00',
  intervalStart: null,
  intervalEnd: null,
  params: {},
  start,
  end: null,
  tasks,
  billedSteps: 7,
  execution: 'executions/e1',
  revision: null,
  error: null,
  at: null,
})

const instance = (index: number, more: Partial<InstanceView> = {}): InstanceView => ({
  index,
  state: 'success',
  tries: [{ start, end: start + 200, state: 'success', error: null }],
  start,
  end: start + 200,
  reason: null,
  error: null,
  restored: false,
  ...more,
})

/** The lines below a task's own. */
const notes = (view: TaskView) => {
  const lines = runText(run([view]), 100).split('\n')
  return lines.slice(lines.findIndex((line) => line.includes(`${view.id}: `)) + 2).map((line) => line.trim())
}

test('a run says what it is an execution of', () => {
  expect(runText(run([]), 100)).toContain('this is       a rerun: what had finished before was taken over')
})

test.each<[string, Partial<TaskView>, string]>([
  ['what was taken over', { restored: true }, 'finished in an earlier execution'],
  ['what a branch chose', { kind: 'branch', decision: 'chose daily' }, 'chose daily'],
  ['how often a sensor has looked', { kind: 'sensor', pokes: 12 }, 'looked 12 times'],
  ['a first look', { kind: 'sensor', pokes: 1 }, 'looked once'],
  ['why it did not run', { state: 'skipped', reason: 'not chosen by choose' }, 'not chosen by choose'],
  [
    'what waits for a person',
    { kind: 'approval', state: 'running', waiting: { message: null, command: 'dag approve manual__x t' } },
    'waits for an answer: dag approve manual__x t',
  ],
  [
    'what is to be decided',
    {
      kind: 'approval',
      state: 'running',
      waiting: { message: 'Go on?', command: 'dag approve manual__x t' },
    },
    'waits for an answer to "Go on?": dag approve manual__x t',
  ],
])('a task says %s', (_, more, text) => {
  expect(notes(task('t', more))).toEqual([`note    ${text}`])
})

test('instances are counted and listed, of many only the first', () => {
  const failed = instance(7, { state: 'failed', error: { code: 'x', message: 'no luck' } })
  const others = Array.from({ length: 29 }, (_, index) => instance(index))
  const counts = { success: 29, failed: 1 }
  const lines = notes(
    task('files', { state: 'failed', instances: { total: 30, counts, items: [failed, ...others] } }),
  )
  expect(lines.slice(0, 3)).toEqual([
    'note    30 instances: 29 success, 1 failed',
    'instance 7: failed, 200 ms: no luck',
    'instance 0: success, 200 ms',
  ])
  expect(lines.at(-1)).toBe('and 10 more')
  expect(lines).toHaveLength(22)
})
