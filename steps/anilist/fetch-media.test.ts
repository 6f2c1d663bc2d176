import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { profileAt } from '../../samples/anilist/profile.ts'
import { startAniListService } from '../../samples/anilist/service.ts'
import type { AniListService, AniListServiceOptions } from '../../samples/anilist/service.ts'
import { generatedSource, recordedSource } from '../../samples/anilist/source.ts'
import type { StepOutput } from '../runtime/contract.ts'
import { createMemoryStorage } from '../runtime/memory-storage.ts'
import type { OpenBucket } from '../runtime/object-store.ts'
import { createFakeClock, tryStep } from '../runtime/testing/try-step.ts'
import type { FakeClock, TryResult } from '../runtime/testing/try-step.ts'
import { fetchMedia as contract, fetchMediaList as listContract } from './contract.ts'
import fetchMediaList from './fetch-media-list.ts'
import fetchMedia from './fetch-media.ts'
import { snapshotManifest } from './manifest.ts'
import { readManifest } from './staged.ts'

const date = '2025-01-01'
const folder = 'anilist/Gajs/media/dt=2026-03-09/run=manual__2026-03-09t09-00-00z'

let clock: FakeClock
let service: AniListService
let storage: OpenBucket

beforeEach(() => {
  clock = createFakeClock()
  storage = createMemoryStorage()
})

afterEach(async () => {
  await service.close()
})

async function start(options: AniListServiceOptions): Promise<void> {
  service = await startAniListService({ date, now: () => clock.now(), requestsPerMinute: 1000, ...options })
}

/** A profile whose first anime, by id, come without their media object. */
async function startWithout(count: number, entries = 60): Promise<readonly number[]> {
  const ids = profileAt(date, { entries })
    .map(({ title }) => title.id)
    .toSorted((a, b) => a - b)
    .slice(0, count)
  await start({ data: generatedSource({ entries, withoutMedia: ids }) })
  return ids
}

const env = () => ({ ANILIST_ENDPOINT: service.url })

async function fetchList(): Promise<StepOutput<typeof listContract>> {
  const run = { task: 'fetch_media_list' }
  const { outcome } = await tryStep(fetchMediaList, { userName: 'Gajs' }, { clock, storage, env: env(), run })
  return listContract.output.parse((outcome as { output?: unknown }).output)
}

/** Asks for what the list with this manifest, by default the service's own, does not describe. */
async function fetchMissing(
  manifest?: StepOutput<typeof listContract>['manifest'],
  input: Record<string, unknown> = {},
): Promise<TryResult> {
  const list = manifest ?? (await fetchList()).manifest
  const run = { task: 'fetch_media' }
  return tryStep(fetchMedia, { userName: 'Gajs', list, ...input }, { clock, storage, env: env(), run })
}

function output(result: TryResult): StepOutput<typeof contract> {
  expect(result.outcome?.kind, JSON.stringify(result.outcome)).toBe('output')
  return contract.output.parse((result.outcome as { output: unknown }).output)
}

const pages = () => service.requests().filter(({ field }) => field === 'Page')

/** Stages a list of one chunk that holds these entries, as if AniList had given them. */
async function stageList(entries: readonly unknown[]): Promise<StepOutput<typeof listContract>['manifest']> {
  const store = storage('data')
  const put = (name: string, body: unknown) =>
    store.put(name, JSON.stringify(body), { contentType: 'application/json', ifGeneration: '0' })
  const lists = [{ name: 'Watching', entries }, null]
  const chunk = await put('list/chunk=1.json', { data: { MediaListCollection: { lists } } })
  const manifest = await put('list/manifest.json', {
    version: 1,
    resource: 'media_list',
    user_name: 'Gajs',
    type: 'ANIME',
    date,
    run_id: 'run',
    complete: true,
    chunks: [
      {
        chunk: 1,
        object: chunk.name,
        generation: chunk.generation,
        md5: chunk.md5,
        bytes: chunk.bytes,
        has_next: false,
        status: 200,
        headers: {},
        requested_at: '2026-03-09T09:00:00Z',
      },
    ],
    refusals: [],
  })
  return { object: manifest.name, generation: manifest.generation }
}

describe('a list that describes all its anime', () => {
  it('leaves nothing to ask: no request, no object, a manifest that says so', async () => {
    await startWithout(0)
    const result = output(await fetchMissing())
    expect(result).toMatchObject({ complete: true, missing: 0, asked: 0, found: 0, objects: [] })
    expect(result.manifest.object).toBe(`${folder}/manifest.json`)
    expect(pages()).toEqual([])
    expect(await readManifest(storage('data'), result.manifest)).toMatchObject({
      resource: 'media',
      user_name: 'Gajs',
      type: 'ANIME',
      date: '2026-03-09',
      complete: true,
      chunks: [],
      refusals: [],
    })
  })
})

describe('anime that a list does not describe', () => {
  it.each([
    [1, 1],
    [50, 1],
    [51, 2],
    [101, 3],
  ])('%d take %d requests, each id once', async (count, requests) => {
    const ids = await startWithout(count, 130)
    const result = output(await fetchMissing())
    expect(result).toMatchObject({ complete: true, missing: count, asked: count, found: count })
    expect(result.objects.map(({ chunk, hasNext }) => [chunk, hasNext])).toEqual(
      Array.from({ length: requests }, (_, index) => [index + 1, index + 1 < requests]),
    )
    expect(pages().map(({ variables }) => variables)).toEqual(
      Array.from({ length: requests }, (_, index) => ({
        id_in: ids.slice(index * 50, index * 50 + 50),
        type: 'ANIME',
        perPage: 50,
      })),
    )
  })

  it('are staged byte for byte beside a manifest, under the day asked for', async () => {
    const ids = await startWithout(3)
    const result = output(await fetchMissing(undefined, { date: '2026-03-08' }))
    const name = `${folder.replace('03-09', '03-08')}/chunk=1.json`
    expect(result.objects).toMatchObject([{ object: name, chunk: 1, hasNext: false }])
    const bytes = await storage('data').get(name)
    expect(result.objects[0]?.md5).toBe(createHash('md5').update(bytes).digest('hex'))
    const { data } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      data: { Page: { media: object[] } }
    }
    expect(data.Page.media).toMatchObject(ids.map((id) => ({ id, type: 'ANIME' })))
    expect(data.Page.media[0]).toHaveProperty('studios.edges')
    const manifest = await readManifest(storage('data'), result.manifest)
    expect(manifest.chunks).toMatchObject([{ object: name, status: 200, md5: result.objects[0]?.md5 }])
  })

  it('and that AniList does not know are counted', async () => {
    await start({ data: generatedSource() })
    const result = await fetchMissing(
      await stageList([
        { id: 1, mediaId: 21 },
        { id: 2, mediaId: 777_777_777 },
      ]),
    )
    expect(output(result)).toMatchObject({ complete: true, missing: 2, asked: 2, found: 1 })
    expect(result.logs.filter(({ severity }) => severity === 'WARNING')).toMatchObject([
      { message: 'AniList does not describe 1 anime of the list' },
    ])
  })

  it('beyond 500 wait for later days, which take turns', async () => {
    await start({ data: generatedSource() })
    const ids = Array.from({ length: 1101 }, (_, index) => 5_000_000 + index)
    const list = await stageList(ids.map((mediaId) => ({ id: mediaId, mediaId, media: null })))
    const asked = []
    for (const day of ['2026-03-09', '2026-03-10', '2026-03-11']) {
      storage = createOutcomeless(storage)
      const before = pages().length
      const result = output(await fetchMissing(list, { date: day }))
      expect(result).toMatchObject({ complete: false, missing: 1101, asked: result.asked, found: 0 })
      expect(pages().length - before).toBe(Math.ceil(result.asked / 50))
      asked.push(result.asked)
    }
    expect(asked.toSorted((a, b) => a - b)).toEqual([101, 500, 500])
    expect(new Set(pages().flatMap(({ variables }) => variables.id_in))).toEqual(new Set(ids))
  })
})

/** The same objects, with no outcome of a try written yet. */
function createOutcomeless(before: OpenBucket): OpenBucket {
  const fresh = createMemoryStorage()
  const of = (name: string) => (name.startsWith('runs/') ? fresh : before)
  return (bucket) => ({
    ...before(bucket),
    put: (name, body, options) => of(name)(bucket).put(name, body, options),
    get: (name, generation) => of(name)(bucket).get(name, generation),
    stat: (name, generation) => of(name)(bucket).stat(name, generation),
  })
}

const whole = { id: 21, title: { romaji: 'ONE PIECE' }, genres: [] }

describe('an entry', () => {
  it.each<[string, readonly unknown[], readonly number[]]>([
    ['with its media is described', [{ mediaId: 21, media: whole }], []],
    [
      'with no English title is described',
      [{ mediaId: 21, media: { ...whole, title: { native: 'x' } } }],
      [],
    ],
    [
      'with unknown values is described',
      [{ mediaId: 21, media: { ...whole, episodes: null, format: null } }],
      [],
    ],
    ['without media is not', [{ mediaId: 21 }], [21]],
    ['with null for media is not', [{ mediaId: 21, media: null }], [21]],
    ['whose media has no title is not', [{ mediaId: 21, media: { ...whole, title: null } }], [21]],
    [
      'whose media has empty titles is not',
      [{ mediaId: 21, media: { ...whole, title: { romaji: '' } } }],
      [21],
    ],
    ['whose media has no genres is not', [{ mediaId: 21, media: { id: 21, title: whole.title } }], [21]],
    ['whose media is another one is not', [{ mediaId: 22, media: whole }], [22]],
    ['without mediaId has the id of its media', [{ media: { id: 21 } }], [21]],
    [
      'described in one list is described',
      [
        { mediaId: 21, media: null },
        { mediaId: 21, media: whole },
      ],
      [],
    ],
    [
      'without any id names nothing',
      [{ id: 1 }, { mediaId: 'x' }, null, 7, { mediaId: null, media: null }],
      [],
    ],
    ['of another shape is read all the same', [{ id: 'x', score: 'y', mediaId: 21, media: [] }], [21]],
    ['named twice is asked for once', [{ mediaId: 22 }, { mediaId: 21 }, { mediaId: 22 }], [21, 22]],
  ])('%s', async (_, entries, ids) => {
    await start({ data: generatedSource() })
    expect(output(await fetchMissing(await stageList(entries)))).toMatchObject({ missing: ids.length })
    expect(pages().map(({ variables }) => variables.id_in)).toEqual(ids.length === 0 ? [] : [ids])
  })
})

describe('a refusal', () => {
  it('is waited out, and told in the manifest', async () => {
    await startWithout(1)
    const list = (await fetchList()).manifest
    service.fail('rate_limited', 'outage')
    const result = output(await fetchMissing(list))
    expect(result).toMatchObject({ found: 1 })
    expect(clock.slept).toEqual([60_000, 2_000])
    const { refusals } = await readManifest(storage('data'), result.manifest)
    expect(refusals.map(({ status }) => status)).toEqual([429, 403])
  })

  it('without end fails the try, with a manifest that is not complete', async () => {
    await startWithout(51)
    const list = (await fetchList()).manifest
    service.fail(...Array<'outage'>(20).fill('outage'))
    const { outcome } = await fetchMissing(list)
    expect(outcome).toMatchObject({ kind: 'error', code: 'anilist_unavailable', retryable: true })
    const bytes = await storage('data').get(`${folder}/manifest.json`)
    const manifest = snapshotManifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    expect(manifest).toMatchObject({ complete: false, chunks: [] })
  })

  it('with 404 blames no profile: the question names none', async () => {
    const source = generatedSource()
    await start({ data: source })
    const list = await stageList([{ id: 1, mediaId: 21 }])
    const fetch = async () =>
      new Response('{"errors":[{"message":"Not Found.","status":404}],"data":null}', { status: 404 })
    const { outcome } = await tryStep(
      fetchMedia,
      { userName: 'Gajs', list },
      { clock, storage, env: env(), run: { task: 'fetch_media' }, fetch },
    )
    expect(outcome).toMatchObject({
      kind: 'error',
      code: 'request_refused',
      message: 'AniList refused the request (HTTP 404: Not Found.)',
      retryable: false,
    })
  })
})

const recorded = resolve(import.meta.dirname, '../../../shared/data/anilist/composite')
const absent = !existsSync(recorded)
if (absent) console.warn(`skipped: no recorded days, ${recorded} is absent`)

describe.skipIf(absent)('recorded days', () => {
  it.each(['2026-03-09', '2026-03-11', 'large_profile'])('%s describe all their anime', async (day) => {
    await start({ data: recordedSource(join(recorded, day)) })
    expect(output(await fetchMissing())).toMatchObject({ missing: 0, objects: [] })
    expect(pages()).toEqual([])
  })
})
