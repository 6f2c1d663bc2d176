import { describe, expect, test } from 'vitest'
import type { RunView, TaskView } from '../run-view.ts'
import { renderReport } from './report.ts'

const start = Date.parse('2026-03-10T09:00:00Z')

function task(id: string, more: Partial<TaskView> = {}): TaskView {
  return {
    id,
    kind: 'step',
    group: null,
    upstream: [],
    runs: `shop/${id}`,
    writes: [],
    state: 'success',
    tries: [{ start, end: start + 900, state: 'success', error: null }],
    start,
    end: start + 1000,
    durationMs: 1000,
    input: undefined,
    output: undefined,
    reason: null,
    error: null,
    at: 'dags/shop/dag.ts:8',
    restored: false,
    decision: null,
    pokes: null,
    waiting: null,
    instances: null,
    ...more,
  }
}

const run: RunView = {
  dag: 'shop',
  description: 'Sales & <returns>',
  runId: 'manual__2026-03-09t09-00-00z',
  trigger: 'manual',
  mode: null,
  state: 'failed',
  logicalDate: '2026-03-09T06:00:00-03:00',
  intervalStart: '2026-03-09T06:00:00-03:00',
  intervalEnd: '2026-03-10T06:00:00-03:00',
  params: { user: '<script>alert(1)</script>' },
  start,
  end: start + 65_000,
  tasks: [
    task('load', { output: { rows: 5, note: '</pre><b>' }, writes: ['shop_raw.sale'] }),
    task('sum', {
      upstream: ['load'],
      state: 'failed',
      error: { code: 'bad_sum', message: 'sums differ' },
      tries: [0, 1].map((n) => ({
        start: start + 2000 + n * 1000,
        end: start + 2500 + n * 1000,
        state: 'failed',
        error: { code: 'bad_sum', message: 'sums differ' },
      })),
    }),
    task('mail', { upstream: ['sum'], state: 'upstream_failed', tries: [], reason: 'sum failed' }),
  ],
  billedSteps: 42,
  execution: 'projects/p/locations/l/workflows/shop/executions/e1',
  revision: '000001-abc',
  error: { code: null, message: '1 task failed' },
  at: 'dags/shop/dag.ts:3',
}

const chart = {
  id: 'genres',
  title: 'Genres',
  description: 'By titles',
  sql: '',
  spec: {
    mark: 'bar',
    encoding: {
      y: { field: 'genre', type: 'nominal', title: null },
      x: { field: 'n', type: 'quantitative' },
    },
  },
  terminal: { label: 'genre', value: 'n' },
}

const page = await renderReport({
  run,
  tables: [
    {
      table: 'shop_raw.sale',
      layer: 'raw',
      description: 'Sales',
      tasks: ['load'],
      rows: 12_345,
      rowsOfRun: 5,
    },
  ],
  charts: [
    {
      chart,
      rows: [
        { genre: 'Drama', n: 41 },
        { genre: 'Action', n: 33 },
      ],
      error: null,
    },
    { chart: { ...chart, title: 'Broken' }, rows: [], error: 'no such table' },
  ],
})

describe('the report', () => {
  test('needs no network: no script, no link, no import, no url of another host', () => {
    expect(page).not.toMatch(/<script|<link|@import|<img|<iframe|url\((?!#)/i)
    expect(
      [...page.matchAll(/https?:\/\/[^"'\s<)]+/g)]
        .map(([url]) => url)
        .filter((url) => !url.startsWith('http://www.w3.org/')),
    ).toEqual([])
  })

  test('escapes what comes from outside', () => {
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('</pre><b>')
    expect(page).toContain('Sales &amp; &lt;returns&gt;')
  })

  test('shows the facts of the run', () => {
    for (const text of [
      '2026-03-09 06:00 −03:00',
      '1 min 05 s',
      '1 of 3 succeeded',
      '42',
      run.runId,
      run.execution,
    ]) {
      expect(page).toContain(text)
    }
  })

  test('has a card in the graph, a row in the table and a bar in the timeline per task and try', () => {
    expect(page.match(/class="node /g)).toHaveLength(3)
    expect(page.match(/class="edge"/g)).toHaveLength(2)
    expect(page.match(/<tr id="task-/g)).toHaveLength(3)
    expect(page.match(/class="whole"/g)).toHaveLength(3)
    expect(page.match(/class="try /g)).toHaveLength(3)
  })

  test('says what failed, how often it was tried and where it was declared', () => {
    expect(page.replaceAll(/\s+/g, ' ')).toMatch(/failed after 2 tries: sums differ.*dags\/shop\/dag\.ts:8/)
    expect(page).toContain('sum failed')
  })

  test('shows tables with rows, charts as drawings, and why a chart is missing', () => {
    expect(page).toContain('12,345')
    expect(page).toMatch(/<svg[^>]*aria-label="Genres"/)
    expect(page).toContain('Drama')
    expect(page).toContain('no such table')
  })

  test('shows instances of mapped tasks, decisions, results taken over, and what waits for a person', async () => {
    const attempt = { start, end: start + 500, state: 'success', error: null } as const
    const item = { index: 0, start, end: start + 500, reason: null, error: null, restored: false }
    const error = { code: 'x', message: 'no <luck>' }
    const shown = await renderReport({
      run: {
        ...run,
        state: 'running',
        mode: 'rerun',
        error: null,
        tasks: [
          task('load', { restored: true, tries: [] }),
          task('choose', { kind: 'branch', decision: 'chose daily' }),
          task('files', {
            tries: [],
            instances: {
              total: 3,
              counts: { success: 2, failed: 1 },
              items: [
                {
                  ...item,
                  index: 1,
                  state: 'failed',
                  tries: [attempt, { ...attempt, state: 'failed', error }],
                  error,
                },
                { ...item, state: 'success', tries: [attempt] },
                { ...item, index: 2, state: 'success', tries: [], restored: true },
              ],
            },
          }),
          task('release', {
            kind: 'approval',
            state: 'running',
            waiting: { message: 'Publish it?', command: 'dag approve manual__x release' },
          }),
        ],
      },
      tables: [],
      charts: [],
    })
    const text = shown
      .replaceAll(/<style>.*?<\/style>/gs, '')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
    for (const part of [
      'a rerun: what had finished before was taken over',
      'finished in an earlier execution',
      'chose daily',
      '3 instances: 2 success, 1 failed',
      'instance 1: failed, 2 tries, 500 ms: no &lt;luck&gt;',
      'instance 2: success, finished in an earlier execution',
      'waits for an answer: Publish it?',
      'dag approve manual__x release',
    ]) {
      expect(text).toContain(part)
    }
    expect(text.indexOf('instance 1:')).toBeLessThan(text.indexOf('instance 0:'))
    expect(shown).toContain('files instance 1, try 2: failed')
  })

  test('a run that has not begun can be shown too', async () => {
    const empty = await renderReport({
      run: { ...run, state: 'queued', tasks: [], start: null, end: null, error: null, logicalDate: null },
      tables: [],
      charts: [],
    })
    expect(empty).toContain('No task has started')
    expect(empty).toContain('This run wrote no table')
  })
})
