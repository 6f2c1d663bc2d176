import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findDags } from '../../compiler/index.ts'
import { connectionFailedError, httpError, mapOf, READINGS } from '../../simulator/engine/index.ts'
import { planned, runArgument, runWorkflow, type WorldOptions } from './world.ts'

/** The goldens' own YAML, executed by the engine against connectors in memory. */

const run = (name: string, options: WorldOptions = {}) =>
  runWorkflow(join(import.meta.dirname, name, 'workflow.yaml'), options)

const prefix = (dag: string) => `runs/${dag}/${runArgument.run_id}`

interface TaskResult {
  readonly state: string
  readonly tries: number
  readonly reason?: string
  readonly error?: { readonly code: string; readonly message: string; readonly retryable?: boolean }
}

const tasksOf = (value: Record<string, unknown>) => value['tasks'] as Readonly<Record<string, TaskResult>>

const statesOf = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(tasksOf(value)).map(([id, task]) => [id, task.state]))

const rows = {
  output: { count: 2, objects: [{ object: 'a', generation: '1' }], manifest: { path: 'm', files: [] } },
}

/** Goldens whose tasks neither choose nor wait for anybody: each of their tasks runs. */
const plain = findDags(join(import.meta.dirname, '..'), 'golden').filter((name) => {
  const text = readFileSync(join(import.meta.dirname, name, 'manifest.json'), 'utf8')
  const { tasks } = JSON.parse(text) as { readonly tasks: readonly { readonly kind: string }[] }
  return tasks.every(({ kind }) => kind === 'step' || kind === 'model')
})

describe.each(plain)('run of golden %s', (name) => {
  it('succeeds when every task does', async () => {
    const argument = { ...runArgument, params: { ...runArgument.params, pages: [1, 2] } }
    const { state, value, objects } = await run(name, { argument, steps: { plan: [planned] } })
    expect(state, JSON.stringify(value)).toBe('SUCCEEDED')
    expect(value).toMatchObject({ dag: name, run_id: runArgument.run_id, state: 'success' })
    expect(new Set(Object.values(statesOf(value)))).toEqual(new Set(['success']))
    expect(objects.get(`${prefix(name)}/state.json`)?.body).toMatchObject({
      state: 'success',
      execution: 'execution-1',
    })
    expect(objects.get(`${prefix(name)}/lock.json`)?.body).toEqual({ execution: 'execution-1' })
    for (const id of Object.keys(tasksOf(value)))
      expect(objects.has(`${prefix(name)}/${id}/0/result.json`)).toBe(true)
  })
})

describe('a step task', () => {
  it('is told its input, where its output goes, and its run', async () => {
    const { jobs } = await run('chain', { steps: { fetch_rows: [rows] } })
    const [first, second] = jobs
    expect(first?.timeout).toBe('600s')
    expect(JSON.parse(first?.env['DAG_INPUT'] ?? '')).toEqual({ source: 'shop', date: '2026-03-09' })
    expect(first?.env['DAG_OUTPUT_URI']).toBe(
      `gs://bucket/${prefix('chain')}/fetch_rows/0/execution-1-1/output.json`,
    )
    expect(JSON.parse(first?.env['DAG_RUN'] ?? '')).toEqual({
      dag: 'chain',
      run_id: runArgument.run_id,
      logical_date: runArgument.logical_date,
      interval_start: runArgument.interval_start,
      interval_end: runArgument.interval_end,
      date: '2026-03-09',
      now: '2026-03-10T09:00:00.000000Z',
      task: 'fetch_rows',
      map_index: 0,
      execution: 'execution-1',
      try: 1,
      key: `chain/${runArgument.run_id}/fetch_rows/0`,
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(second?.timeout).toBe('3600s')
    expect(JSON.parse(second?.env['DAG_INPUT'] ?? '')).toEqual({ objects: rows.output.objects })
  })

  it('retries what can pass, with growing delays up to the cap', async () => {
    const flaky = { error: { code: 'overloaded', retryable: true } }
    const { value, jobs } = await run('chain', {
      steps: { fetch_rows: [flaky, 'crash', 'unreachable', rows] },
    })
    expect(tasksOf(value)['fetch_rows']).toMatchObject({ state: 'success', tries: 4 })
    const starts = jobs.filter((job) => job.task === 'fetch_rows').map((job) => job.at)
    const waits = starts.map((at, index) => at - (starts[index - 1] ?? at) - 10).slice(1)
    // 30, 60 and 120 seconds, each with up to the same again on top.
    for (const [index, base] of [30, 60, 120].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(base)
      expect(waits[index]).toBeLessThan(2 * base)
    }
    const outputs = new Set(jobs.map((job) => job.env['DAG_OUTPUT_URI']))
    expect(outputs.size).toBe(5)
  })

  it('fails at once when its step says that the error stays', async () => {
    const refused = { error: { code: 'private_user', retryable: false } }
    const { state, value, jobs } = await run('chain', { steps: { fetch_rows: [refused] } })
    expect(state).toBe('FAILED')
    expect(jobs).toHaveLength(1)
    expect(value).toMatchObject({
      tags: ['DagRunFailed'],
      dag: 'chain',
      run_id: runArgument.run_id,
      message: 'DAG chain failed: fetch_rows',
      failed: ['fetch_rows'],
      tasks: {
        fetch_rows: {
          state: 'failed',
          tries: 1,
          error: { code: 'private_user', message: 'it said private_user' },
        },
        load_rows: { state: 'upstream_failed', tries: 0, reason: 'fetch_rows=failed' },
      },
    })
  })

  it.each([
    ['crash', 4, 'infrastructure'],
    ['silent', 1, 'no_output'],
    ['unreachable', 4, 'ConnectionError'],
  ] as const)('that ends in %s fails after %d tries as %s', async (behaviour, tries, code) => {
    const { value, objects } = await run('chain', { steps: { fetch_rows: [behaviour] } })
    expect(tasksOf(value)['fetch_rows']).toMatchObject({ state: 'failed', tries, error: { code } })
    expect(objects.get(`${prefix('chain')}/state.json`)?.body).toMatchObject({ state: 'failed' })
  })

  it('succeeds when its result is there, whatever is said of the job', async () => {
    const { value } = await run('chain', { steps: { fetch_rows: ['late-failure'] } })
    expect(tasksOf(value)['fetch_rows']).toMatchObject({ state: 'success', tries: 1 })
  })

  it('that skips makes its downstream skip', async () => {
    const { state, value, jobs } = await run('chain', { steps: { fetch_rows: [{ skip: 'nothing new' }] } })
    expect(state).toBe('SUCCEEDED')
    expect(jobs).toHaveLength(1)
    expect(tasksOf(value)).toEqual({
      fetch_rows: { state: 'skipped', tries: 1, reason: 'nothing new' },
      load_rows: { state: 'skipped', tries: 0, reason: 'fetch_rows=skipped' },
    })
  })

  it('passes an input above 24,000 bytes as an object', async () => {
    const long = 'é'.repeat(12_000)
    const argument = { ...runArgument, params: { source: long } }
    const { jobs, objects } = await run('chain', { argument, steps: { fetch_rows: [rows] } })
    const name = `${prefix('chain')}/fetch_rows/0/execution-1-1/input.json`
    expect(jobs[0]?.env['DAG_INPUT']).toBeUndefined()
    expect(jobs[0]?.env['DAG_INPUT_URI']).toBe(`gs://bucket/${name}`)
    expect(objects.get(name)?.body).toEqual({ source: long, date: '2026-03-09' })
    const short = await run('chain', { argument: { ...runArgument, params: { source: 'é'.repeat(11_900) } } })
    expect(short.jobs[0]?.env['DAG_INPUT']).toBeDefined()
  })

  it('that must not run twice is retried only where it cannot have run', async () => {
    const lost = await run('non_idempotent', { steps: { send_mail: ['crash'] } })
    expect(tasksOf(lost.value)['send_mail']).toMatchObject({ state: 'failed', tries: 1 })
    const said = { error: { code: 'busy', retryable: true } }
    const busy = await run('non_idempotent', { steps: { send_mail: [said, { output: { id: '1' } }] } })
    expect(tasksOf(busy.value)['send_mail']).toMatchObject({ state: 'success', tries: 2 })
    const never = await run('non_idempotent', {
      failing: (connector, call) =>
        connector.endsWith('jobs.run') && call === 1 ? connectionFailedError('no route') : null,
    })
    expect(tasksOf(never.value)['send_mail']).toMatchObject({ state: 'success', tries: 2 })
  })
})

describe('a join', () => {
  it('fails over a skip, while siblings run to their end', async () => {
    const refused = { error: { code: 'bad', retryable: false } }
    const { value, jobs } = await run('diamond', {
      steps: { fetch_shop: [{ skip: 'none' }], load_web: [refused] },
    })
    expect(statesOf(value)).toEqual({
      fetch_shop: 'skipped',
      fetch_web: 'success',
      load_shop: 'skipped',
      load_web: 'failed',
      report: 'upstream_failed',
    })
    expect(jobs.map((job) => job.task).toSorted()).toEqual(['fetch_shop', 'fetch_web', 'load_web'])
  })

  it('is skipped when one branch is', async () => {
    const { state, value } = await run('diamond', { steps: { load_shop: [{ skip: 'none' }] } })
    expect(state).toBe('SUCCEEDED')
    expect(tasksOf(value)['report']).toMatchObject({ state: 'skipped' })
  })

  it('runs branches side by side', async () => {
    const { seconds } = await run('diamond')
    expect(seconds).toBe(30)
    expect((await run('wide')).seconds).toBe(20)
  })
})

describe('a model task', () => {
  it('calls the procedure with the values of the run', async () => {
    const { queries } = await run('models', { steps: { fetch_rows: [rows] } })
    expect(queries.map((query) => (query['jobReference'] as { jobId: string }).jobId)).toEqual([
      `models__tru_sale__0__${runArgument.run_id}__execution-1-1`,
      `models__count_rejected__0__${runArgument.run_id}__execution-1-1`,
    ])
    expect(queries[0]).toMatchObject({
      jobReference: { projectId: 'local-project', location: 'US' },
      configuration: {
        jobTimeoutMs: '1800000',
        labels: { dag: 'models', task: 'tru_sale', run_id: runArgument.run_id },
        query: { useLegacySql: false, parameterMode: 'NAMED' },
      },
    })
    const configuration = queries[0]?.['configuration'] as { query: Record<string, unknown> } | undefined
    const { query, queryParameters } = configuration?.query ?? {}
    expect(query).toMatch(
      /^CALL `shop_tru\.build_sale__[0-9a-f]{8}`\(@run_id, @load_id, @reference_date, @logical_date, @interval_start, @interval_end, @run_time, @params\)$/,
    )
    const given = (queryParameters as { name: string; parameterValue: { value: string } }[]).map(
      ({ name, parameterValue }) => [name, parameterValue.value],
    )
    expect(Object.fromEntries(given)).toEqual({
      run_id: runArgument.run_id,
      load_id: `${runArgument.run_id}/execution-1`,
      reference_date: '2026-03-09',
      logical_date: runArgument.logical_date,
      interval_start: runArgument.interval_start,
      interval_end: runArgument.interval_end,
      run_time: '2026-03-10T09:00:00.000000Z',
      params: JSON.stringify(runArgument.params),
    })
  })

  it('is retried after an error of the service, and not after one of the SQL', async () => {
    const passing = await run('models', { queries: { tru_sale: [{ reason: 'backendError' }, 'ok'] } })
    expect(tasksOf(passing.value)['tru_sale']).toMatchObject({ state: 'success', tries: 2 })
    const ids = passing.queries.map((query) => (query['jobReference'] as { jobId: string }).jobId)
    expect(new Set(ids).size).toBe(ids.length)
    const wrong = await run('models', { queries: { tru_sale: [{ reason: 'invalidQuery' }] } })
    expect(tasksOf(wrong.value)['tru_sale']).toMatchObject({
      state: 'failed',
      tries: 1,
      error: { code: 'OperationError', message: 'failed: invalidQuery' },
    })
    expect(tasksOf(wrong.value)['count_rejected']).toMatchObject({ state: 'upstream_failed' })
  })
})

describe('the lock of a run', () => {
  const lock = `${prefix('chain')}/lock.json`

  it('keeps out a second execution while the first one is active', async () => {
    const { state, value, jobs, objects } = await run('chain', {
      objects: { [lock]: { execution: 'execution-0' } },
      executions: { 'execution-0': 'ACTIVE' },
    })
    expect(state).toBe('FAILED')
    expect(value).toMatchObject({ tags: ['DagRunLocked'], dag: 'chain' })
    expect(value['message']).toContain('is being executed by execution-0')
    expect(jobs).toEqual([])
    expect(objects.get(lock)?.body).toEqual({ execution: 'execution-0' })
  })

  it.each([['FAILED'], ['CANCELLED'], [undefined]])(
    'is taken over from an execution that is %s',
    async (ended) => {
      const { state, objects } = await run('chain', {
        objects: { [lock]: { execution: 'execution-0' } },
        executions: ended === undefined ? {} : { 'execution-0': ended },
      })
      expect(state).toBe('SUCCEEDED')
      expect(objects.get(lock)?.body).toEqual({ execution: 'execution-1' })
    },
  )

  it('belongs to the execution that finds its own name in it', async () => {
    const { state } = await run('chain', { objects: { [lock]: { execution: 'execution-1' } } })
    expect(state).toBe('SUCCEEDED')
  })
})

describe('a run', () => {
  it.each([
    [null, 'manual__2026-03-09t09-00-00z'],
    [{ trigger: 'scheduled' }, 'scheduled__2026-03-09t09-00-00z'],
    [{ logical_date: '2026-03-01T02:00:00+01:00' }, 'manual__2026-03-01t01-00-00z'],
  ])('that was started with %j has the run id %s', async (argument, runId) => {
    const { state, value, jobs } = await run('chain', { argument, steps: { fetch_rows: [rows] } })
    expect(state).toBe('SUCCEEDED')
    expect(value['run_id']).toBe(runId)
    expect(JSON.parse(jobs[0]?.env['DAG_RUN'] ?? '')).toMatchObject({ run_id: runId })
  })

  it.each([
    [{ 'load_rows/0': 'cancelled' }, 'cancelled'],
    [{ 'fetch_rows/0': 'cancelled', 'load_rows/0': 'cancelled' }, 'cancelled'],
    [{}, 'success'],
  ])('of which %j is known ends as %s', async (known, ended) => {
    const argument = { ...runArgument, known, mode: 'teardown' }
    const { state, value, objects } = await run('chain', { argument, steps: { fetch_rows: [rows] } })
    expect(state).toBe('SUCCEEDED')
    expect(value['state']).toBe(ended)
    expect(statesOf(value)).toMatchObject(
      Object.fromEntries(Object.keys(known).map((name) => [name.split('/')[0], 'cancelled'])),
    )
    expect(objects.get(`${prefix('chain')}/state.json`)?.body).toMatchObject({ state: ended })
  })

  it('ends as its tasks ended even when nothing more can be written', async () => {
    const gone = () => httpError(403, mapOf({}), null)
    const { value } = await run('chain', {
      failing: (connector, call) => (connector.endsWith('objects.insert') && call > 1 ? gone() : null),
    })
    expect(value).toMatchObject({ state: 'success' })
  })

  /** Every error of every connector call: the run ends, tasks are failed or upstream_failed, none is lost. */
  it.each([['chain'], ['models'], ['diamond']])(
    'of %s survives an error at every connector call',
    async (name) => {
      const calls = await connectorCalls(name)
      expect(calls.length).toBeGreaterThanOrEqual(6)
      for (const [connector, call] of calls) {
        for (const error of [
          httpError(403, mapOf({}), null),
          httpError(500, mapOf({}), null),
          new Error('boom'),
        ]) {
          const { state, value } = await run(name, {
            failing: (c, n) => (c === connector && n === call ? error : null),
          })
          const at = `${connector} ${call}: ${JSON.stringify(value)}`
          expect(['SUCCEEDED', 'FAILED'], at).toContain(state)
          const lockFailed = connector.endsWith('insert') && call === 1
          if (!lockFailed) expect(Object.keys(statesOf(value)).length, at).toBe(await taskCount(name))
        }
      }
    },
  )
})

async function connectorCalls(name: string): Promise<readonly (readonly [string, number])[]> {
  const calls: (readonly [string, number])[] = []
  await run(name, {
    failing: (connector, call) => {
      calls.push([connector, call])
      return null
    },
  })
  return calls
}

async function taskCount(name: string): Promise<number> {
  return Object.keys(tasksOf((await run(name)).value)).length
}

/** Where Google's documentation leaves something open, every reading of it must give the same run. */
describe('a workflow means the same', () => {
  const scenarios: readonly (readonly [string, WorldOptions])[] = [
    ['chain', { steps: { fetch_rows: ['crash', rows] } }],
    [
      'diamond',
      { steps: { fetch_shop: [{ skip: 'none' }], load_web: [{ error: { code: 'x', retryable: false } }] } },
    ],
    ['models', { queries: { tru_sale: [{ reason: 'backendError' }, { reason: 'invalidQuery' }] } }],
    ['wide', {}],
  ]
  const readings = Object.entries(READINGS).flatMap(([name, { readings: choices }]) =>
    choices.map((choice) => ({ [name]: choice })),
  )

  it.each(scenarios)('under every reading and in every order: %s', async (name, options) => {
    const expected = tasksOf((await run(name, options)).value)
    for (const reading of readings) {
      const { value } = await run(name, { ...options, readings: reading })
      expect(tasksOf(value), JSON.stringify(reading)).toEqual(expected)
    }
    for (let seed = 1; seed <= 10; seed++) {
      expect(tasksOf((await run(name, { ...options, seed })).value), `seed ${seed}`).toEqual(expected)
    }
  })
})
