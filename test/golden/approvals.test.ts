import { describe, expect, it } from 'vitest'
import { connectionError, httpError, mapOf } from '../../simulator/engine/index.ts'
import { callsOf, everyReading, runGolden, statesOf, tasksOf } from './run-golden.ts'
import { runArgument, type WorldOptions } from './world.ts'

const yes = { approved: true, by: 'ana', note: 'fine' }

/** Endpoint 1 is that of `publish`, 2 that of `remove`. */
const world = (
  publish: readonly object[],
  remove: readonly object[] = [{ at: 60, body: yes }],
): WorldOptions => ({
  callbacks: { 1: publish, 2: remove } as NonNullable<WorldOptions['callbacks']>,
})

const inputOf = ({ jobs }: Awaited<ReturnType<typeof runGolden>>, id: string): unknown =>
  JSON.parse(jobs.find(({ task }) => task === id)?.env['DAG_INPUT'] ?? 'null')

describe('an approval', () => {
  it('says where it waits, and goes on when it is given', async () => {
    const record = await runGolden('approvals', world([{ at: 7200, body: yes }]))
    expect(record.value['state']).toBe('success')
    expect(record.seconds).toBe(7220)
    const object = record.objects.get(`runs/approvals/${runArgument.run_id}/publish/0/approval.json`)
    const url = 'https://callbacks.example.com/1'
    expect(object?.body).toEqual({
      execution: 'execution-1',
      url,
      task: 'publish/0',
      message: 'Publish the prices of today?',
    })
    expect(record.logs).toContainEqual(
      expect.objectContaining({ severity: 'INFO', task: 'publish', state: 'waiting', url }),
    )
    expect(inputOf(record, 'tell_publisher')).toEqual({ value: 'ana', note: 'published' })
    expect(inputOf(record, 'tell_remover')).toEqual({ value: yes })
    expect(statesOf(record, 'who', 'tell_ana', 'told_nobody')).toEqual({
      who: 'success',
      tell_ana: 'success',
      told_nobody: 'skipped',
    })
  })

  it.each<[unknown, object]>([
    [{ approved: true }, { approved: true, by: null, note: null }],
    [
      { approved: true, by: 5, note: ['x'], more: 1 },
      { approved: true, by: null, note: null },
    ],
    [
      { approved: true, by: 'é'.repeat(400), note: 'n'.repeat(600) },
      { approved: true, by: 'é'.repeat(320), note: 'n'.repeat(500) },
    ],
  ])('given with %j keeps what has its form', async (body, output) => {
    const record = await runGolden('approvals', world([{ at: 1, body: yes }], [{ at: 1, body }]))
    expect(inputOf(record, 'tell_remover')).toEqual({ value: output })
  })

  it('that is rejected ends skipped or failed', async () => {
    const record = await runGolden(
      'approvals',
      world(
        [{ at: 5, body: { approved: false, by: 'rui', note: 'too early' } }],
        [{ at: 5, body: { approved: false } }],
      ),
    )
    expect(tasksOf(record)['publish']).toEqual({
      state: 'skipped',
      tries: 1,
      reason: 'rejected by rui: too early',
    })
    expect(tasksOf(record)['remove']).toEqual({
      state: 'failed',
      tries: 1,
      error: { code: 'rejected', message: 'rejected by somebody' },
    })
    expect(statesOf(record, 'tell_publisher', 'tell_remover', 'who')).toEqual({
      tell_publisher: 'skipped',
      tell_remover: 'upstream_failed',
      who: 'skipped',
    })
  })

  it('that nobody decides ends skipped or failed when its time is over', async () => {
    const record = await runGolden('approvals', world([], []))
    expect(tasksOf(record)['publish']).toEqual({
      state: 'failed',
      tries: 1,
      error: { code: 'approval_timeout', message: 'nobody decided within 43200 seconds' },
    })
    expect(tasksOf(record)['remove']).toEqual({
      state: 'skipped',
      tries: 1,
      reason: 'nobody decided within 3600 seconds',
    })
    expect(record.seconds).toBe(43_200)
  })

  it('waits on after an answer that says nothing', async () => {
    const nothing = [null, 'yes', {}, { approved: 'true' }, { approved: null }, [true]]
    const answers = nothing.map((body, index) => ({ at: index * 600, body }))
    const record = await runGolden(
      'approvals',
      world([{ at: 1, body: yes }], [...answers, { at: 3500, body: yes }]),
    )
    expect(tasksOf(record)['remove']).toMatchObject({ state: 'success', tries: 1 })
    const late = await runGolden(
      'approvals',
      world([{ at: 1, body: yes }], [...answers, { at: 3700, body: yes }]),
    )
    expect(tasksOf(late)['remove']).toMatchObject({ state: 'skipped' })
    const flood = Array.from({ length: 200 }, () => ({ at: 1, body: {} }))
    const flooded = await runGolden('approvals', world([{ at: 1, body: yes }], flood))
    expect(tasksOf(flooded)['remove']).toMatchObject({
      state: 'failed',
      error: { code: 'approval_unreadable' },
    })
  })

  it('asks again, within the same time, when waiting itself fails', async () => {
    const record = await runGolden('approvals', {
      callbacks: { 1: [], 2: [{ at: 1, body: yes }], 3: [] },
      failing: (name, call) => (name === 'await_callback' && call === 1 ? connectionError('lost') : null),
    })
    expect(tasksOf(record)['publish']).toMatchObject({
      state: 'failed',
      tries: 2,
      error: { code: 'approval_timeout' },
    })
    // What comes after the other approval takes ten seconds.
    expect(record.seconds).toBe(43_210)
  })

  it('is not asked for again by a rerun', async () => {
    const first = await runGolden('approvals', world([{ at: 9, body: yes }]))
    const known = { 'publish/0': 'success', 'remove/0': 'success' }
    const again = await runGolden('approvals', { left: first.left, argument: { ...runArgument, known } })
    expect(again.value['state']).toBe('success')
    expect(inputOf(again, 'tell_remover')).toEqual({ value: yes })
  })

  it('ends in words whatever call fails', async () => {
    const options = world([{ at: 9, body: yes }])
    for (const [name, call] of await callsOf('approvals', options)) {
      const failing = (c: string, n: number) =>
        c === name && n === call ? httpError(403, mapOf({}), null) : null
      const record = await runGolden('approvals', { ...options, failing })
      if (name.endsWith('insert') && call === 1) continue
      expect(Object.keys(tasksOf(record)).length, `${name} ${call}`).toBe(8)
    }
  })

  it.each([
    ['that is given', world([{ at: 9, body: yes }])],
    [
      'that is rejected',
      world([{ at: 9, body: { approved: false } }], [{ at: 9, body: { approved: false } }]),
    ],
    ['that nobody decides', world([{ at: 9, body: 'yes' }], [])],
  ])('%s means the same under every reading', async (_, options) => {
    const expected = tasksOf(await runGolden('approvals', options))
    for (const readings of everyReading) {
      const { value } = await runGolden('approvals', { ...options, readings })
      expect(tasksOf({ value }), JSON.stringify(readings)).toEqual(expected)
    }
  })
})
