import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generatedSource, recordedSource } from '../../samples/anilist/source.ts'
import { startAniListService } from '../../samples/anilist/service.ts'
import type { AniListService, AniListServiceOptions } from '../../samples/anilist/service.ts'
import type { Fault } from '../../samples/anilist/fault.ts'
import type { z } from 'zod'
import { createMemoryStorage } from '../runtime/memory-storage.ts'
import type { OpenBucket } from '../runtime/object-store.ts'
import { createFakeClock, tryStep } from '../runtime/testing/try-step.ts'
import type { FakeClock, TryOptions, TryResult } from '../runtime/testing/try-step.ts'
import { fetchMediaList as contract } from './contract.ts'
import fetchMediaList from './fetch-media-list.ts'
import fetchUser from './fetch-user.ts'
import { snapshotManifest } from './manifest.ts'

let clock: FakeClock
let service: AniListService
let storage: OpenBucket

async function start(options: AniListServiceOptions = {}): Promise<void> {
  service = await startAniListService({ date: '2026-03-09', now: () => clock.now(), ...options })
}

beforeEach(() => {
  clock = createFakeClock()
  storage = createMemoryStorage()
})

afterEach(async () => {
  await service.close()
})

function fetchList(userName = 'Gajs', options: TryOptions = {}) {
  const env = { ANILIST_ENDPOINT: service.url, ...options.env }
  return tryStep(fetchMediaList, { userName }, { clock, storage, ...options, env })
}

function fetchProfile(userName = 'Gajs') {
  return tryStep(
    fetchUser,
    { userName },
    { clock, storage, env: { ANILIST_ENDPOINT: service.url }, run: { task: 'fetch_user' } },
  )
}

function output(result: TryResult): z.output<typeof contract.output> {
  expect(result.outcome?.kind, JSON.stringify(result.outcome)).toBe('output')
  return contract.output.parse((result.outcome as { output: unknown }).output)
}

function profile(result: TryResult): Record<string, unknown> {
  expect(result.outcome?.kind, JSON.stringify(result.outcome)).toBe('output')
  return (result.outcome as { output: Record<string, unknown> }).output
}

async function readManifest(name: string, generation?: string) {
  const bytes = await storage('data').get(name, generation)
  return snapshotManifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
}

const folder = 'anilist/Gajs/media_list/dt=2026-03-09/run=manual__2026-03-09t09-00-00z'

describe('a profile', () => {
  it('is fetched with one request and staged with a manifest', async () => {
    await start()
    const result = await fetchProfile('gajs')
    expect(profile(result)).toMatchObject({
      userName: 'Gajs',
      scoreFormat: 'POINT_10_DECIMAL',
      object: 'anilist/gajs/user/dt=2026-03-09/run=manual__2026-03-09t09-00-00z/chunk=1.json',
    })
    expect(service.requests()).toMatchObject([{ field: 'User', variables: { name: 'gajs' } }])
  })

  it.each([
    [0, 1],
    [499, 1],
    [500, 1],
    [501, 2],
    [1817, 4],
  ])('of %d entries takes %d requests for its list', async (entries, requests) => {
    await start({ data: generatedSource({ entries }), date: '2025-01-01' })
    const result = await fetchList()
    expect(output(result)).toMatchObject({ entries, chunks: requests, complete: true })
    expect(service.requests().map(({ variables }) => variables)).toEqual(
      Array.from({ length: requests }, (_, index) => ({
        userName: 'Gajs',
        type: 'ANIME',
        chunk: index + 1,
        perChunk: 500,
      })),
    )
  })

  it('is staged byte for byte, each chunk with its md5, and described by the manifest', async () => {
    const source = generatedSource({ entries: 600 })
    const bodies: Uint8Array[] = []
    await start({
      data: {
        ...source,
        answer(question, date) {
          const body = source.answer(question, date)
          bodies.push(body)
          return body
        },
      },
      date: '2025-01-01',
    })
    const { manifest: address, objects } = output(await fetchList())
    const manifest = await readManifest(address.object, address.generation)
    expect(manifest).toMatchObject({ complete: true, user_name: 'Gajs', type: 'ANIME', date: '2026-03-09' })
    expect(manifest.chunks.map(({ object }) => object)).toEqual([
      `${folder}/chunk=1.json`,
      `${folder}/chunk=2.json`,
    ])
    for (const [index, chunk] of manifest.chunks.entries()) {
      const bytes = await storage('data').get(chunk.object, chunk.generation)
      expect(Buffer.from(bytes).equals(Buffer.from(bodies[index] ?? []))).toBe(true)
      expect(chunk.md5).toBe(createHash('md5').update(bytes).digest('hex'))
      expect(chunk.headers['x-ratelimit-limit']).toBe('90')
      expect(objects[index]).toMatchObject({ object: chunk.object, generation: chunk.generation })
      const stored = await storage('data').stat(chunk.object)
      expect(stored?.metadata).toMatchObject({ md5: chunk.md5, http_status: '200' })
    }
    expect(manifest.chunks.map(({ has_next }) => has_next)).toEqual([true, false])
  })

  it('fetched again on the same day keeps what is the same and versions what is not', async () => {
    await start()
    const first = output(await fetchList())
    const again = output(await fetchList('Gajs', { run: { execution: 'exec2' } }))
    expect(again.objects).toEqual(first.objects)
    expect(again.manifest).not.toEqual(first.manifest)

    service.setDate('2026-03-20')
    const changed = output(await fetchList('Gajs', { run: { execution: 'exec3' } }))
    const [before, after] = [first.objects[0], changed.objects[0]]
    expect(after?.generation).not.toBe(before?.generation)
    expect(await storage('data').stat(`${folder}/chunk=1.json`, before?.generation)).not.toBeNull()
  })

  it('that does not say whether more follows is not taken for complete', async () => {
    const source = generatedSource()
    const answer: typeof source.answer = (question, date) => {
      const body = Buffer.from(source.answer(question, date)).toString('utf8')
      return Buffer.from(body.replace('"hasNextChunk":false', '"hasNextChunk":null'))
    }
    await start({ data: { ...source, answer } })
    expect(output(await fetchList())).toMatchObject({ complete: false, chunks: 1 })
  })

  it('has its name escaped in object names', async () => {
    await start({ data: generatedSource({ userName: '../x y' }) })
    expect(profile(await fetchProfile('../x y')).object).toMatch(/^anilist\/%2E%2E%2Fx%20y\/user\//)
  })
})

describe('a refusal', () => {
  it.each<[Fault, number]>([
    ['server_error', 2_000],
    ['outage', 2_000],
    ['error_in_200', 2_000],
    ['not_json', 2_000],
    ['hang_up', 2_000],
    ['rate_limited', 60_000],
    ['rate_limited_bare', 60_000],
    ['rate_limited_reset', 30_000],
  ])('by %s is waited out for %d ms', async (fault, wait) => {
    await start()
    service.fail(fault)
    const result = await fetchList()
    expect(output(result)).toMatchObject({ complete: true })
    expect(clock.slept).toEqual([wait])
    expect(service.requests()).toHaveLength(2)
  })

  it.each<[Fault, string, number]>([
    ['server_error', 'anilist_unavailable', 5],
    ['outage', 'anilist_unavailable', 5],
    ['error_in_200', 'anilist_unavailable', 5],
    ['hang_up', 'anilist_unavailable', 5],
    ['rate_limited', 'rate_limited', 6],
  ])('by %s without end fails as %s after %d requests, to be retried', async (fault, code, requests) => {
    await start()
    service.fail(...Array<Fault>(20).fill(fault))
    const result = await fetchList()
    expect(result.outcome).toMatchObject({ kind: 'error', code, retryable: true })
    expect(result.exitCode).toBe(1)
    expect(service.requests()).toHaveLength(requests)
  })

  it('that no wait cures is not retried', async () => {
    await start()
    service.fail('validation')
    const { outcome } = await fetchList()
    expect(outcome).toMatchObject({ kind: 'error', code: 'request_refused', retryable: false })
    expect(outcome).toMatchObject({
      message: expect.stringContaining('perChunk may not be greater than 500'),
    })
    expect(service.requests()).toHaveLength(1)
  })

  it.each([
    ['nobody', 'user_not_found'],
    ['Hidden', 'private_user'],
  ])('of the user %s names them and is not retried', async (name, code) => {
    await start()
    for (const result of [await fetchList(name), await fetchProfile(name)]) {
      expect(result.outcome).toMatchObject({ kind: 'error', code, retryable: false })
      expect(result.outcome).toMatchObject({ message: expect.stringContaining(`"${name}"`) })
    }
    expect(service.requests()).toHaveLength(2)
  })

  it('half way leaves the last good snapshot in place', async () => {
    await start({ data: generatedSource({ entries: 600 }), date: '2025-01-01' })
    const good = output(await fetchList())
    service.setDate('2025-02-01')
    const faults = Array<Fault>(20).fill('server_error')
    const original = service.requests().length
    // The first chunk still comes through, changed; the second does not.
    const failing = fetchList('Gajs', {
      run: { execution: 'exec2' },
      fetch: async (url, init) => {
        if (service.requests().length === original + 1) service.fail(...faults.splice(0))
        return fetch(url, init)
      },
    })
    expect((await failing).outcome).toMatchObject({ kind: 'error', code: 'anilist_unavailable' })
    const current = await readManifest(`${folder}/manifest.json`)
    expect(current.complete).toBe(true)
    expect(current).toEqual(await readManifest(good.manifest.object, good.manifest.generation))
    for (const { object, generation, md5 } of current.chunks) {
      expect((await storage('data').stat(object, generation))?.md5).toBe(md5)
    }
  })

  it('before anything was fetched leaves a manifest that says so', async () => {
    await start()
    service.fail(...Array<Fault>(20).fill('outage'))
    await fetchList()
    const manifest = await readManifest(`${folder}/manifest.json`)
    expect(manifest).toMatchObject({ complete: false, chunks: [] })
    expect(manifest.refusals).toHaveLength(5)
    expect(manifest.refusals[0]).toMatchObject({
      status: 403,
      body: expect.stringContaining('temporarily disabled'),
    })
  })
})

describe('the rate', () => {
  it('stays within the budget whatever the server would let through', async () => {
    await start({ data: generatedSource({ entries: 5000 }), requestsPerMinute: 1000, date: '2025-01-01' })
    await fetchList('Gajs', { env: { ANILIST_REQUESTS_PER_MINUTE: '4', ANILIST_ENDPOINT: service.url } })
    const times = service.requests().map(({ at }) => at)
    expect(times).toHaveLength(10)
    for (const [index, time] of times.entries()) {
      expect(time - (times[index - 4] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(60_000)
    }
  })

  it('is lowered by a server that refuses earlier', async () => {
    await start({ data: generatedSource({ entries: 2600 }), requestsPerMinute: 3, date: '2025-01-01' })
    const result = await fetchList()
    expect(output(result)).toMatchObject({ entries: 2600, complete: true })
    expect(service.requests().filter(({ status }) => status === 429).length).toBeGreaterThan(0)
  })

  it('refuses a budget that is no number', async () => {
    await start()
    const env = { ANILIST_REQUESTS_PER_MINUTE: 'many', ANILIST_ENDPOINT: service.url }
    expect((await fetchList('Gajs', { env })).outcome).toMatchObject({ code: 'invalid_environment' })
  })
})

const recorded = resolve(import.meta.dirname, '../../../shared/data/anilist/composite')
const absent = !existsSync(recorded)
if (absent) console.warn(`skipped: no recorded days, ${recorded} is absent`)

describe.skipIf(absent)('recorded days', () => {
  it.each([
    ['2026-03-09', 167, 3],
    ['2026-03-10', 169, 3],
    ['2026-03-11', 168, 3],
    ['large_profile', 1817, 4],
  ])('%s: %d entries in %d chunks, staged as they are', async (day, entries, chunks) => {
    await start({ data: recordedSource(join(recorded, day)) })
    await fetchProfile()
    const list = output(await fetchList())
    expect(list).toMatchObject({ entries, chunks, complete: true })
    expect(service.requests()).toHaveLength(1 + chunks)
    for (const { object, chunk } of list.objects) {
      const file = join(recorded, day, `media_list_collection_chunk${chunk}.json.gz`)
      const bytes = Buffer.from(await storage('data').get(object))
      expect(bytes.equals(gunzipSync(readFileSync(file)))).toBe(true)
    }
  })
})
