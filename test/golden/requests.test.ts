import { describe, expect, it } from 'vitest'
import {
  connectionError,
  connectionFailedError,
  httpError,
  mapOf,
  RaisedError,
} from '../../simulator/engine/index.ts'
import { callsOf, everyReading, runGolden, statesOf, tasksOf } from './run-golden.ts'
import { runArgument, type Answer, type Request, type WorldOptions } from './world.ts'

const planned = { make_plan: [{ output: { day: '2026-03-09', count: 7, mode: 'full' } }] }
const billing = 'https://billing-12345.us-central1.run.app'

const invoices = {
  invoices: 2,
  secret: 'not asked for',
  items: [{ id: 'a', color: 'red', price: { amount: 1.5, currency: 'BRL' } }, { id: 'b' }],
}

const argument = { ...runArgument, params: { address: 'https://stock.example.com/v1/items?all=1' } }

/** Services that answer as they should, but for the given ones. */
function services(
  given: Readonly<Record<string, readonly (Answer | Error)[]>> = {},
  options: WorldOptions = {},
): WorldOptions {
  const calls = new Map<string, number>()
  const usual: Readonly<Record<string, Answer>> = {
    [`${billing}/close`]: { body: invoices, seconds: 30 },
    'https://stock.example.com/v1/items?all=1': { body: { id: 'i-1', size: 'L' } },
  }
  return {
    steps: planned,
    argument,
    ...options,
    answer: ({ url }) => {
      const call = (calls.get(url) ?? 0) + 1
      calls.set(url, call)
      const answers = given[url]
      return answers?.[Math.min(call, answers.length) - 1] ?? usual[url] ?? { body: {} }
    },
  }
}

const requestOf = (requests: readonly Request[], url: string) =>
  requests.find((request) => request.url.startsWith(url))

/** Larger than the memory of an execution, and smaller than the largest answer. */
const large = { body: { invoices: 1, rows: 'x'.repeat(600_000) } }
const tooLarge = new RaisedError(
  mapOf({
    message: 'ResourceLimitError: the response is larger than 2097152 bytes',
    tags: ['ResourceLimitError'],
  }),
)

describe('an answer that is too large', () => {
  it.each([
    ['for the service', tooLarge, {}],
    [
      'for the memory of the workflow, where that can be caught',
      large,
      { resourceLimit: 'catchable' as const },
    ],
  ])('%s fails its task alone, at once', async (_, answer, readings) => {
    const record = await runGolden('requests', services({ [`${billing}/close`]: [answer] }, { readings }))
    expect(record.value['tags']).toEqual(['DagRunFailed'])
    expect(tasksOf(record)['close_books']).toMatchObject({
      state: 'failed',
      tries: 1,
      error: {
        code: 'ResourceLimitError',
        message: expect.stringMatching(/larger than|would use/) as string,
      },
    })
    expect(statesOf(record, 'tell_invoices', 'book_stock', 'ping')).toEqual({
      tell_invoices: 'upstream_failed',
      book_stock: 'success',
      ping: 'success',
    })
  })

  it('for the memory of the workflow ends the run in words, where that cannot be caught', async () => {
    const record = await runGolden('requests', services({ [`${billing}/close`]: [large] }))
    expect(record.state).toBe('FAILED')
    expect(record.value['tags']).toEqual(['ResourceLimitError'])
    // Whoever executes the run again finds the lock of a dead execution, and what has succeeded.
    const again = await runGolden('requests', {
      ...services(
        {},
        { left: record.left, execution: 'execution-2', executions: { 'execution-1': 'FAILED' } },
      ),
      argument: { ...argument, known: { 'make_plan/0': 'success' }, mode: 'rerun' },
    })
    expect(again.value['state']).toBe('success')
    expect(again.jobs.map(({ task }) => task)).not.toContain('make_plan')
  })
})

describe('an HTTP task', () => {
  it('sends every part of its request', async () => {
    const { requests, jobs, value } = await runGolden('requests', services())
    expect(value['state']).toBe('success')
    expect(requestOf(requests, billing)).toEqual({
      method: 'POST',
      url: `${billing}/close`,
      timeout: 120,
      auth: { type: 'OIDC', audience: billing },
      query: { day: '2026-03-09', dry: false },
      headers: { 'Idempotency-Key': `requests/${runArgument.run_id}/close_books/0` },
      body: { day: '2026-03-09', count: 7, by: ['dagwright'] },
    })
    expect(requestOf(requests, 'https://stock.example.com/v1/items')).toMatchObject({
      method: 'GET',
      auth: { type: 'OIDC', audience: 'https://stock.example.com' },
      headers: { Accept: 'application/json' },
    })
    const booking = requestOf(requests, 'https://stock.example.com/v1/bookings')
    expect(booking).toMatchObject({
      auth: { type: 'OAuth2' },
      headers: { 'X-Item': 'i-1' },
      body: { item: 'i-1', keep: null },
    })
    const shop = requestOf(requests, 'https://shop-12345')
    expect(shop).toMatchObject({ url: 'https://shop-12345.us-central1.run.app/', method: 'PATCH' })
    expect(shop?.headers).toEqual({ 'Idempotency-Key': `requests/${runArgument.run_id}/tell_shop/0` })
    const ping = requestOf(requests, 'https://shop.example.com/ping')
    expect(ping).toEqual({
      method: 'GET',
      url: 'https://shop.example.com/ping',
      timeout: 300,
    })
    const told = jobs.find(({ task }) => task === 'tell_invoices')?.env['DAG_INPUT']
    expect(JSON.parse(told ?? '')).toEqual({
      value: {
        first: {
          $value: { invoices: 2, items: [{ id: 'a', price: { amount: 1.5 } }, { id: 'b' }] },
          $path: ['items', 0, 'price', 'amount'],
        },
        all: { invoices: 2, items: [{ id: 'a', price: { amount: 1.5 } }, { id: 'b' }] },
        status: 200,
      },
    })
  })

  it('leaves parameters out that are null, and sends those that are given', async () => {
    const params = { region: 'north', address: 'https://other.example.com' }
    const { requests } = await runGolden('requests', services({}, { argument: { ...runArgument, params } }))
    expect(requestOf(requests, billing)?.query).toEqual({ day: '2026-03-09', dry: false, region: 'north' })
    expect(requestOf(requests, 'https://other.example.com')).toMatchObject({
      auth: { audience: 'https://other.example.com' },
      headers: { 'X-Region': 'north' },
    })
    expect(requestOf(requests, 'https://shop-12345')?.headers).toMatchObject({ 'X-Region': 'north' })
  })

  it('keeps its result for a rerun', async () => {
    const first = await runGolden('requests', services())
    const known = { 'close_books/0': 'success', 'read_stock/0': 'success' }
    const again = await runGolden(
      'requests',
      services({}, { left: first.left, argument: { ...argument, known } }),
    )
    expect(statesOf(again)).toEqual(statesOf(first))
    expect(requestOf(again.requests, billing)).toBeUndefined()
    expect(requestOf(again.requests, 'https://stock.example.com/v1/bookings')?.headers).toEqual({
      'X-Item': 'i-1',
    })
  })

  const busy: Answer = { status: 503, body: { error: { message: 'try later' } } }

  it.each<[string, string, readonly (Answer | Error)[], object]>([
    [
      'a refusal',
      `${billing}/close`,
      [{ status: 400 }],
      { state: 'failed', tries: 1, error: { code: 'http_400' } },
    ],
    ['too many', `${billing}/close`, [{ status: 429 }, {}], { state: 'success', tries: 2 }],
    [
      'overload',
      `${billing}/close`,
      [busy],
      { state: 'failed', tries: 3, error: { code: 'http_503', message: 'try later' } },
    ],
    [
      'a failure',
      `${billing}/close`,
      [{ status: 500 }],
      { state: 'failed', tries: 1, error: { code: 'http_500' } },
    ],
    [
      'a lost answer',
      `${billing}/close`,
      [connectionError('lost')],
      { state: 'failed', tries: 1, error: { code: 'ConnectionError' } },
    ],
    [
      'no connection',
      `${billing}/close`,
      [connectionFailedError('no route'), {}],
      { state: 'success', tries: 2 },
    ],
    [
      'no answer in time',
      `${billing}/close`,
      [{ seconds: 121 }],
      { state: 'failed', tries: 1, error: { code: 'TimeoutError' } },
    ],
    [
      'a redirect',
      `${billing}/close`,
      [{ status: 302 }],
      { state: 'failed', tries: 1, error: { code: 'http_302' } },
    ],
  ])('that must not run twice, after %s', async (_, url, answers, end) => {
    const given = answers.map((answer) =>
      answer instanceof Error || answer.status !== undefined ? answer : { body: invoices, ...answer },
    )
    const record = await runGolden('requests', services({ [url]: given }))
    expect(tasksOf(record)['close_books']).toMatchObject(end)
    const keys = record.requests
      .filter((each) => each.url === url)
      .map((each) => each.headers?.['Idempotency-Key'])
    expect(new Set(keys).size).toBe(1)
  })

  it.each<[string, readonly (Answer | Error)[], object]>([
    ['a failure', [{ status: 500 }, {}], { state: 'success', tries: 2 }],
    ['a lost answer', [connectionError('lost'), {}], { state: 'success', tries: 2 }],
    ['no answer in time', [{ seconds: 301 }], { state: 'failed', tries: 3, error: { code: 'TimeoutError' } }],
    ['nothing there', [{ status: 404 }], { state: 'failed', tries: 1, error: { code: 'http_404' } }],
  ])('that may run twice, after %s', async (_, answers, end) => {
    const record = await runGolden('requests', services({ 'https://stock.example.com/v1/bookings': answers }))
    expect(tasksOf(record)['book_stock']).toMatchObject(end)
  })

  it.each<[string, unknown, string]>([
    ['no field that it needs', { items: [] }, 'unexpected_response'],
    ['no JSON', 'closed', 'unexpected_response'],
    ['nothing', null, 'unexpected_response'],
    ['too many items', { ...invoices, items: Array.from({ length: 501 }, () => ({})) }, 'output_too_large'],
    [
      'items that take too much',
      { ...invoices, items: Array.from({ length: 100 }, () => ({ id: 'é'.repeat(40) })) },
      'output_too_large',
    ],
  ])('fails over an answer with %s', async (_, body, code) => {
    const record = await runGolden('requests', services({ [`${billing}/close`]: [{ body }] }))
    expect(tasksOf(record)['close_books']).toMatchObject({ state: 'failed', tries: 1, error: { code } })
    expect(tasksOf(record)['tell_invoices']).toMatchObject({ state: 'upstream_failed' })
  })

  it('ends in words whatever call fails', async () => {
    const calls = await callsOf('requests', services())
    expect(calls.length).toBeGreaterThan(12)
    for (const [connector, call] of calls) {
      for (const error of [
        httpError(403, mapOf({}), null),
        httpError(503, mapOf({}), null),
        new Error('boom'),
      ]) {
        const failing = (c: string, n: number) => (c === connector && n === call ? error : null)
        const record = await runGolden('requests', services({}, { failing }))
        if (connector.endsWith('insert') && call === 1) continue
        expect(Object.keys(tasksOf(record)).length, `${connector} ${call}`).toBe(8)
        // The books are never closed twice after they may have been.
        const closed = record.requests.filter(({ url }) => url.startsWith(billing)).length
        const mayRepeat = connector === 'http' && error.message.includes('503')
        expect(closed, `${connector} ${call} ${error.message}`).toBeLessThanOrEqual(mayRepeat ? 2 : 1)
      }
    }
  })

  it.each([
    ['that works', services()],
    ['that fails', services({ [`${billing}/close`]: [busy] })],
    ['with an odd answer', services({ [`${billing}/close`]: [{ body: { invoices: 'two', items: 5 } }] })],
  ])('%s means the same under every reading', async (_, options) => {
    const expected = tasksOf(await runGolden('requests', options))
    for (const readings of everyReading) {
      expect(
        tasksOf(await runGolden('requests', { ...options, readings })),
        JSON.stringify(readings),
      ).toEqual(expected)
    }
  })
})
