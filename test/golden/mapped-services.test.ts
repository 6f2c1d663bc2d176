import { describe, expect, it } from 'vitest'
import { everyReading, runGolden, statesOf } from './run-golden.ts'
import { planned, runArgument, type WorldOptions } from './world.ts'

/** What the workflow itself does per item, and lists that no task gives, executed by the engine. */

const shops = ['a', 'b'].map((id, index) => ({
  id,
  day: `2026-03-0${8 + index}`,
  kind: index === 0 ? 'large' : 'small',
  sizes: [1, 2 + index],
}))
const answer = (approved: boolean) => [{ at: 60, body: { approved, by: 'ana', note: null } }]

const world = (options: WorldOptions = {}): WorldOptions => ({
  steps: { plan_shops: [{ output: { shops } }] },
  appearing: { 'bucket/exports/a.csv': 0, 'bucket/exports/b.csv': 120 },
  callbacks: { 1: answer(true), 2: answer(true) },
  answer: ({ url, query }) =>
    url.startsWith('https://shops-')
      ? { body: { shop: query?.['shop'] } }
      : { body: { booking: `for ${url.split('/').at(-1)}` } },
  ...options,
})

const countsOf = ({ value }: Awaited<ReturnType<typeof runGolden>>) =>
  Object.fromEntries(
    Object.entries(value['tasks'] as Record<string, { counts?: object }>).map(([id, { counts }]) => [
      id,
      counts,
    ]),
  )

describe('tasks of a mapped group that the workflow does itself', () => {
  it('read the item of their own instance', async () => {
    const record = await runGolden('mapped_services', world())
    expect(record.value['state'], JSON.stringify(record.value)).toBe('success')
    const asked = record.requests.filter(({ url }) => url.startsWith('https://shops-'))
    expect(new Set(asked.map(({ query }) => query?.['shop']))).toEqual(new Set(['a', 'b']))
    const booked = record.requests
      .filter(({ method }) => method === 'POST')
      .toSorted((one, other) => one.url.localeCompare(other.url))
    expect(booked).toMatchObject(
      shops.map((shop, index) => ({
        url: `https://billing-12345.us-central1.run.app/shops/${shop.id}`,
        body: { day: shop.day, size: shop.sizes[1], whole: shop },
        headers: { 'Idempotency-Key': `mapped_services/${runArgument.run_id}/book/${index}` },
      })),
    )
    expect(record.queries.map(({ queryParameters }) => JSON.stringify(queryParameters)).toSorted()).toEqual([
      expect.stringContaining('20260308'),
      expect.stringContaining('20260309'),
    ])
    const started = record.started.map(({ body }) => JSON.parse(body.argument) as Record<string, unknown>)
    const dates = started.map(({ params, logical_date: date }) => `${JSON.stringify(params)} ${String(date)}`)
    expect(dates.toSorted()).toEqual([
      '{"shop":"a","booking":"for a"} 2026-03-08T06:00:00-03:00',
      '{"shop":"b","booking":"for b"} 2026-03-09T06:00:00-03:00',
    ])
    expect(new Set(started.map((argument) => argument['run_id'])).size).toBe(2)
    expect(countsOf(record)).toMatchObject({
      large: { success: 1, skipped: 1 },
      other: { success: 1, skipped: 1 },
      agree: { success: 2 },
    })
  })

  it('end for each item by itself, and what comes after reads how', async () => {
    const record = await runGolden(
      'mapped_services',
      world({
        appearing: { 'bucket/exports/a.csv': 0 },
        callbacks: { 1: answer(false) },
      }),
    )
    expect(record.state).toBe('SUCCEEDED')
    expect(countsOf(record)).toMatchObject({
      exported: { success: 1, failed: 1 },
      book: { success: 1, upstream_failed: 1 },
      agree: { skipped: 1, upstream_failed: 1 },
    })
    const told = record.jobs.find(({ task }) => task === 'tell_all')?.env['DAG_INPUT']
    const folder = `gs://bucket/runs/mapped_services/${runArgument.run_id}`
    expect(JSON.parse(told ?? '')).toEqual({
      value: {
        bookings: { $map: `${folder}/book/`, $count: 2, $as: 'outputs' },
        answers: { $map: `${folder}/agree/`, $count: 2, $as: 'outcomes' },
      },
    })
  })

  it('mean the same under every reading and in every order', async () => {
    const expected = statesOf(await runGolden('mapped_services', world()))
    for (const readings of everyReading)
      expect(
        statesOf(await runGolden('mapped_services', world({ readings }))),
        JSON.stringify(readings),
      ).toEqual(expected)
    for (let seed = 1; seed <= 5; seed++)
      expect(statesOf(await runGolden('mapped_services', world({ seed }))), `seed ${seed}`).toEqual(expected)
  })
})

describe('a task that is mapped over a list of the run', () => {
  const given = (pages: unknown): WorldOptions => ({
    argument: { ...runArgument, params: { pages } },
    steps: { plan: [planned] },
  })

  it('has an instance per item, one at a time here', async () => {
    const { value, jobs } = await runGolden('map_params', given([7, 8, 9]))
    expect(value['state']).toBe('success')
    const fetched = jobs.filter(({ task }) => task === 'fetch')
    expect(fetched.map(({ env }) => (JSON.parse(env['DAG_INPUT'] ?? '') as { page: number }).page)).toEqual([
      7, 8, 9,
    ])
    for (const [index, { at }] of fetched.slice(1).entries())
      expect(at).toBeGreaterThanOrEqual(fetched[index]?.end ?? Infinity)
    const told = jobs.filter(({ task }) => task === 'tell_shop')
    expect(told.map(({ env }) => JSON.parse(env['DAG_INPUT'] ?? '') as object)).toEqual([
      { note: 'north' },
      { note: 'south' },
    ])
  })

  it.each([
    ['is empty', [], { fetch: 'skipped', load: 'success' }],
    ['is none', 'seven', { fetch: 'failed', load: 'upstream_failed' }],
    [
      'is too long',
      Array.from({ length: 1001 }, (_, index) => index),
      { fetch: 'failed', load: 'upstream_failed' },
    ],
  ])('ends where the list %s', async (_, pages, states) => {
    const record = await runGolden('map_params', given(pages))
    expect(statesOf(record)).toMatchObject({ ...states, tell_shop: 'success', tell_again: 'success' })
  })
})
