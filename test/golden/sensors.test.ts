import { describe, expect, it } from 'vitest'
import { connectionError, httpError, mapOf } from '../../simulator/engine/index.ts'
import { callsOf, everyReading, runGolden, statesOf, tasksOf } from './run-golden.ts'
import { runArgument, type Answer, type WorldOptions } from './world.ts'

const argument = { ...runArgument, params: { bucket: 'exports' } }
const day = '2026-03-09'
const marker = `bucket/incoming/_SUCCESS`
const status = 'https://reports-12345.us-central1.run.app/status'
const done: Answer = { body: { state: 'done', rows: 8 } }

/** Everything that the sensors wait for is there, but for what is given. */
function world(options: WorldOptions = {}): WorldOptions {
  return {
    argument,
    steps: { make_plan: [{ output: { day, count: 7 } }] },
    answer: ({ url }) => (url === status ? done : { body: 'up' }),
    ...options,
    appearing: { [marker]: 0, [`exports/${day}`]: 0, ...options.appearing },
  }
}

const forbidden = () => httpError(403, mapOf({}), null)

describe('a sensor', () => {
  it('succeeds where it is there already', async () => {
    const { value, seconds, queries, requests } = await runGolden('sensors', world())
    expect(value['state']).toBe('success')
    expect(seconds).toBeLessThan(60)
    expect(queries[0]).toMatchObject({
      query: expect.stringContaining('`local-project.shop_raw.INFORMATION_SCHEMA.PARTITIONS`'),
      queryParameters: [
        { name: 'table_name', parameterValue: { value: 'sale' } },
        { name: 'partition_id', parameterValue: { value: '20260309' } },
      ],
      location: 'US',
    })
    expect(requests.find(({ url }) => url === status)).toMatchObject({
      query: { day },
      auth: { type: 'OIDC', audience: 'https://reports-12345.us-central1.run.app' },
    })
  })

  it('looks again until it is there', async () => {
    const record = await runGolden('sensors', world({ appearing: { [`exports/${day}`]: 3000 } }))
    expect(record.value['state']).toBe('success')
    // Ten seconds of the step above, a look every 7 minutes, and ten seconds of the step below.
    expect(record.seconds).toBe(10 + 8 * 420 + 10)
    const filled = await runGolden('sensors', world({ partition: (_, at) => at >= 601 }))
    expect(tasksOf(filled)['loaded']).toEqual({ state: 'success', tries: 1 })
    expect(filled.queries).toHaveLength(4)
  })

  it('looks a last time when its time is over', async () => {
    const there = await runGolden('sensors', world({ appearing: { [`exports/${day}`]: 3609 } }))
    expect(tasksOf(there)['exported']).toMatchObject({ state: 'success', tries: 1 })
    const late = await runGolden('sensors', world({ appearing: { [`exports/${day}`]: 3611 } }))
    expect(tasksOf(late)['exported']).toMatchObject({
      state: 'failed',
      tries: 1,
      error: { code: 'sensor_timeout', message: 'nothing came within 3600 seconds' },
    })
    expect(tasksOf(late)['tell_all']).toMatchObject({ state: 'upstream_failed' })
  })

  it('with softFail ends skipped when its time is over', async () => {
    const record = await runGolden('sensors', world({ appearing: { [marker]: 601 } }))
    const reason = 'nothing came within 600 seconds'
    expect(tasksOf(record)['marker']).toEqual({ state: 'skipped', tries: 1, reason })
    expect(record.logs).toContainEqual(
      expect.objectContaining({ severity: 'INFO', task: 'marker', state: 'skipped', reason }),
    )
    expect(statesOf(record, 'tell_all')).toEqual({ tell_all: 'success' })
  })

  it('waits no longer in all when a look fails and is tried again', async () => {
    const failing = (connector: string, call: number) =>
      connector.endsWith('objects.get') && call === 3 ? httpError(503, mapOf({}), null) : null
    const record = await runGolden('sensors', world({ appearing: { [`exports/${day}`]: 9000 }, failing }))
    expect(tasksOf(record)['exported']).toMatchObject({
      state: 'failed',
      tries: 2,
      error: { code: 'sensor_timeout' },
    })
    expect(record.seconds).toBe(10 + 3600)
  })

  it.each<[string, Answer | Error, object]>([
    ['404', { status: 404 }, { state: 'failed', tries: 1, error: { code: 'sensor_timeout' } }],
    [
      'not ready',
      { body: { state: 'running', rows: 9 } },
      { state: 'failed', error: { code: 'sensor_timeout' } },
    ],
    ['too few', { body: { state: 'done', rows: 7 } }, { state: 'failed', error: { code: 'sensor_timeout' } }],
    ['a refusal', { status: 403 }, { state: 'failed', tries: 1, error: { code: 'http_403' } }],
    ['a failure', { status: 500 }, { state: 'failed', tries: 1, error: { code: 'http_500' } }],
    ['no connection', connectionError('lost'), { state: 'failed', error: { code: 'ConnectionError' } }],
    ['no rows', { body: { state: 'done' } }, { state: 'failed', error: { code: 'incomparable' } }],
    ['no JSON', { body: 'done' }, { state: 'failed', error: { code: 'sensor_timeout' } }],
  ])('of a service that answers with %s', async (_, answer, end) => {
    const record = await runGolden(
      'sensors',
      world({ answer: ({ url }) => (url === status ? answer : { body: 'up' }) }),
    )
    expect(tasksOf(record)['ready']).toMatchObject(end)
  })

  it('of a service goes on when the answer is as it should be', async () => {
    const record = await runGolden(
      'sensors',
      world({ answer: ({ url }, at) => (url !== status || at > 600 ? done : { status: 404 }) }),
    )
    expect(tasksOf(record)['ready']).toEqual({ state: 'success', tries: 1 })
  })

  it('is not asked again by a rerun', async () => {
    const first = await runGolden('sensors', world())
    const known = Object.fromEntries(
      ['make_plan', 'marker', 'exported', 'loaded', 'ready', 'up'].map((id) => [`${id}/0`, 'success']),
    )
    const again = await runGolden('sensors', { left: first.left, argument: { ...argument, known } })
    expect(again.value['state']).toBe('success')
    expect([...again.requests, ...again.queries]).toEqual([])
  })

  it('ends in words whatever call fails', async () => {
    const calls = await callsOf('sensors', world())
    expect(calls.length).toBeGreaterThan(10)
    for (const [connector, call] of calls) {
      const failing = (c: string, n: number) => (c === connector && n === call ? forbidden() : null)
      const record = await runGolden('sensors', world({ failing }))
      if (connector.endsWith('insert') && call === 1) continue
      expect(Object.keys(tasksOf(record)).length, `${connector} ${call}`).toBe(7)
    }
  })

  it.each([
    ['that finds', world({ appearing: { [marker]: 130 }, partition: (_, at) => at > 700 })],
    ['that gives up', world({ appearing: { [marker]: 700 }, answer: () => ({ status: 404 }) })],
    ['that fails', world({ partition: () => false, answer: () => ({ body: { status: 'done' } }) })],
  ])('%s means the same under every reading', async (_, options) => {
    const expected = tasksOf(await runGolden('sensors', options))
    for (const readings of everyReading) {
      const { value } = await runGolden('sensors', { ...options, readings })
      expect(tasksOf({ value }), JSON.stringify(readings)).toEqual(expected)
    }
  })
})
