import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { catalogue } from './catalogue.ts'
import { addDays } from './day.ts'
import { start } from './index.ts'
import { customLists, profileAt } from './profile.ts'
import { startAniListService } from './service.ts'
import type { AniListService, AniListServiceOptions } from './service.ts'
import { generatedSource, recordedSource } from './source.ts'
import { totalsOf } from './totals.ts'
import type { CollectionBody } from './totals.ts'
import { encodeWire, scoreIn } from './wire.ts'

const services: AniListService[] = []

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.close()))
})

async function serve(options: AniListServiceOptions = {}): Promise<AniListService> {
  const service = await startAniListService({ date: '2026-03-09', ...options })
  services.push(service)
  return service
}

function post(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify({ query, variables }) })
}

const listQuery = `query ($userName: String, $type: MediaType, $chunk: Int, $perChunk: Int) {
  MediaListCollection(userName: $userName, type: $type, chunk: $chunk, perChunk: $perChunk) {
    hasNextChunk
    lists { name isCustomList status entries {
      id status score score100: score(format: POINT_100) progress createdAt hiddenFromStatusLists customLists
      startedAt { year month day } completedAt { year month day }
      media { id episodes genres season title { romaji english native } startDate { year month day } }
    } }
  }
}`

type Lists = CollectionBody & {
  data: {
    MediaListCollection: {
      hasNextChunk: boolean
      lists: {
        name: string
        isCustomList: boolean
        status: string | null
        entries: Record<string, unknown>[]
      }[]
    }
  }
}

async function fetchAll(url: string, perChunk = 500): Promise<Lists[]> {
  const bodies: Lists[] = []
  for (let chunk = 1; ; chunk += 1) {
    const answer = await post(url, listQuery, { userName: 'Gajs', type: 'ANIME', chunk, perChunk })
    const body = (await answer.json()) as Lists
    bodies.push(body)
    if (!body.data.MediaListCollection.hasNextChunk) return bodies
  }
}

describe('the catalogue', () => {
  it('has each title once, with what the models need', () => {
    expect(catalogue.length).toBeGreaterThan(150)
    expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length)
    for (const title of catalogue) {
      expect(title.genres.length, title.romaji).toBeGreaterThan(0)
      expect(
        title.genres.every((genre) => genre.length > 1),
        title.romaji,
      ).toBe(true)
      expect(title.year, title.romaji).toBeGreaterThan(1960)
      expect(title.minutes, title.romaji).toBeGreaterThan(0)
    }
  })
})

describe('the profile', () => {
  it('is the same for the same day, and changes a little from day to day', () => {
    expect(profileAt('2026-03-09')).toEqual(profileAt('2026-03-09'))
    let changes = 0
    for (let day = '2026-03-01'; day < '2026-03-31'; day = addDays(day, 1)) {
      const before = new Map(profileAt(day).map((entry) => [entry.id, JSON.stringify(entry)]))
      const after = profileAt(addDays(day, 1))
      changes += after.filter((entry) => before.get(entry.id) !== JSON.stringify(entry)).length
    }
    expect(changes / 30).toBeGreaterThan(1)
    expect(changes / 30).toBeLessThan(8)
  })

  it('has every quirk of the real ones', async () => {
    const { url } = await serve()
    const bodies = await fetchAll(url)
    const lists = bodies.flatMap(({ data }) => data.MediaListCollection.lists)
    const status = lists.filter((list) => !list.isCustomList)
    const custom = lists.filter((list) => list.isCustomList)
    const ids = (of: typeof lists) => new Set(of.flatMap(({ entries }) => entries.map(({ id }) => id)))
    const entries = lists.flatMap((list) => list.entries) as {
      score: number
      score100: number
      progress: number
      createdAt: number
      status: string
      startedAt: { year: number | null; month: number | null; day: number | null }
      media: { episodes: number | null; season: string | null; title: { english: string | null } }
    }[]
    const has = (what: string, test: (entry: (typeof entries)[number]) => boolean) =>
      expect(entries.some(test), what).toBe(true)

    expect(
      [...ids(custom)].some((id) => !ids(status).has(id)),
      'only in a custom list',
    ).toBe(true)
    expect(
      [...ids(custom)].some((id) => ids(status).has(id)),
      'in both',
    ).toBe(true)
    expect(custom.every((list) => list.status === null)).toBe(true)
    expect(custom.map(({ name }) => name)).toEqual([...customLists])
    expect(status.filter(({ name }) => name.startsWith('Completed ')).length).toBeGreaterThan(2)
    has('no score', ({ score }) => score === 0)
    has('a score with a decimal', ({ score, score100 }) => score % 1 !== 0 && score * 10 === score100)
    has('createdAt 0', ({ createdAt }) => createdAt === 0)
    has('progress beyond the episodes', ({ progress, media }) => progress > (media.episodes ?? Infinity))
    has('a year alone', ({ startedAt }) => startedAt.year !== null && startedAt.month === null)
    has('no day', ({ startedAt }) => startedAt.month !== null && startedAt.day === null)
    has('no date', ({ startedAt }) => startedAt.year === null)
    has('no season', ({ media }) => media.season === null)
  })

  it('comes in chunks that group for themselves and add up to the whole', async () => {
    const { url } = await serve()
    const whole = totalsOf(await fetchAll(url))
    const parts = await fetchAll(url, 50)
    expect(parts.length).toBe(Math.ceil(whole.entries / 50))
    expect(totalsOf(parts)).toEqual(whole)
  })

  it('is written as PHP writes JSON', async () => {
    const { url } = await serve()
    const answer = await post(
      url,
      '{ User(name: "Gajs") { siteUrl mediaListOptions { animeList { customLists } } } }',
    )
    const text = await answer.text()
    expect(text).toContain(String.raw`https:\/\/anilist.co\/user\/Gajs`)
    expect(text).toContain(String.raw`Domingo \u00e0 tarde`)
    expect(encodeWire('😀/é')).toBe(String.raw`"\ud83d\ude00\/\u00e9"`)
  })
})

describe('the service', () => {
  it('counts down, then refuses as the real one was seen to', async () => {
    let now = Date.parse('2026-03-09T12:00:00Z')
    const service = await serve({ requestsPerMinute: 2, now: () => now })
    const query = '{ User(name: "Gajs") { id } }'
    const first = await post(service.url, query)
    expect(first.headers.get('x-ratelimit-limit')).toBe('90')
    expect(first.headers.get('x-ratelimit-remaining')).toBe('89')
    await post(service.url, query)
    const refused = await post(service.url, query)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(refused.headers.get('x-ratelimit-remaining')).toBeNull()
    expect(await refused.text()).toBe(
      '{"data": null,"errors": [{"message": "Too Many Requests.","status": 429}]}',
    )
    now += 59_000
    expect((await post(service.url, query)).status).toBe(429)
    now += 1_000
    expect((await post(service.url, query)).status).toBe(200)
    expect(service.requests()).toHaveLength(5)
  })

  it.each([
    ['{ User(name: "Nobody") { id } }', 404, 'User not found'],
    ['{ MediaListCollection(userName: "hidden", type: ANIME) { hasNextChunk } }', 404, 'Private User'],
    [
      '{ User(name: "Gajs") { nonexistentField } }',
      400,
      'Cannot query field "nonexistentField" on type "User".',
    ],
    ['{ Media(id: 1) { id } }', 400, 'Cannot query field "Media" on type "Query".'],
    ['not a query', 400, 'Syntax Error: Unexpected Name "not".'],
  ])('answers %s with %d', async (query, status, message) => {
    const { url } = await serve()
    const answer = await post(url, query)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ errors: [{ message, status }] })
  })

  it('refuses what is too complex', async () => {
    const { url } = await serve()
    const fields = Array.from({ length: 500 }, (_, index) => `a${index}: id`)
    const answer = await post(url, `{ User(name: "Gajs") { ${fields.join(' ')} } }`)
    const message = 'Max query complexity should be 500 but got 501.'
    expect(await answer.json()).toMatchObject({ errors: [{ message, status: 400 }] })
  })

  it('starts for a day as the CLI starts it', async () => {
    const sample = await start({ date: '2026-03-09' })
    const answer = await post(sample.url, '{ User(name: "Gajs") { name } }')
    expect(await answer.json()).toEqual({ data: { User: { name: 'Gajs' } } })
    await sample.close()
  })
})

describe('a page of anime by id', () => {
  const pageQuery = `query ($id_in: [Int], $type: MediaType, $page: Int, $perPage: Int) {
    Page(page: $page, perPage: $perPage) {
      pageInfo { total currentPage hasNextPage }
      media(id_in: $id_in, type: $type) { id title { romaji } studios { edges { isMain } } }
    }
  }`
  const all = catalogue.map(({ id }) => id).toSorted((a, b) => a - b)

  interface PageBody {
    data: { Page: { pageInfo: object; media: { id: number; title: { romaji: string } }[] } }
  }
  async function ask(variables: Record<string, unknown>): Promise<PageBody['data']['Page']> {
    const { url } = await serve()
    return ((await (await post(url, pageQuery, variables)).json()) as PageBody).data.Page
  }

  it('has the ones that there are, the lowest id first', async () => {
    const { pageInfo, media } = await ask({ id_in: [1535, 5, 777_777_777, 1], type: 'ANIME' })
    expect(media.map(({ id, title }) => [id, title.romaji])).toEqual([
      [1, 'Cowboy Bebop'],
      [5, 'Cowboy Bebop: Tengoku no Tobira'],
      [1535, 'DEATH NOTE'],
    ])
    expect(pageInfo).toEqual({ total: 3, currentPage: 1, hasNextPage: false })
  })

  it.each([
    [{ id_in: all.slice(0, 60) }, all.slice(0, 50), { total: 60, currentPage: 1, hasNextPage: true }],
    [{ id_in: all.slice(0, 60), page: 2, perPage: 500 }, all.slice(50, 60), { total: 60, currentPage: 2 }],
    [{ id_in: all.slice(0, 60), page: 3, perPage: 20 }, all.slice(40, 60), { hasNextPage: false }],
    [{ id_in: all.slice(0, 60), type: 'MANGA' }, [], { total: 0, hasNextPage: false }],
    [{ id_in: [] }, [], { total: 0 }],
  ])('holds 50 at most (%#)', async (variables, ids, info) => {
    const { pageInfo, media } = await ask(variables)
    expect(media.map(({ id }) => id)).toEqual(ids)
    expect(pageInfo).toMatchObject(info)
  })

  it('has what the list was told to leave out', async () => {
    const [entry] = profileAt('2026-03-09')
    const id = entry?.title.id ?? 0
    const { url } = await serve({ data: generatedSource({ withoutMedia: [id] }) })
    const lists = (await fetchAll(url)).flatMap(({ data }) => data.MediaListCollection.lists)
    const bare = lists.flatMap(({ entries }) => entries).filter(({ media }) => media === null)
    expect(new Set(bare.map((found) => found.id))).toEqual(new Set([entry?.id]))
    const answer = await post(url, pageQuery, { id_in: [id], type: 'ANIME' })
    expect(((await answer.json()) as PageBody).data.Page.media).toMatchObject([{ id }])
  })

  it('of something else than anime is refused', async () => {
    const { url } = await serve()
    const answer = await post(url, '{ Page { users { id } } }')
    expect(await answer.json()).toMatchObject({
      errors: [{ message: 'Cannot query field "users" on type "Page".', status: 400 }],
    })
  })
})

describe('scores', () => {
  it.each([
    ['POINT_100', 85, 85],
    ['POINT_10_DECIMAL', 85, 8.5],
    ['POINT_10', 85, 8],
    ['POINT_5', 85, 4],
    ['POINT_3', 85, 3],
    ['POINT_3', 0, 0],
  ] as const)('in %s of %d are %d', (format, score, expected) => {
    expect(scoreIn(format, score)).toBe(expected)
  })
})

const shared = resolve(import.meta.dirname, '../../../shared/data/anilist/composite')
const absent = !existsSync(shared)
if (absent) console.warn(`skipped: no recorded days, ${shared} is absent`)

describe.skipIf(absent)('recorded days', () => {
  it.each([
    ['2026-03-09', 167, 69.0377],
    ['2026-03-10', 169, 69.6909],
    ['2026-03-11', 168, 70.055],
  ])('%s have %d entries and the mean %d', async (date, entries, mean) => {
    const { url } = await serve({ data: recordedSource(shared), date })
    const totals = totalsOf(await fetchAll(url))
    expect(totals.entries).toBe(entries)
    expect(totals.mean).toBeCloseTo(mean, 4)
  })

  it('have the reference totals on the first day', async () => {
    const { url } = await serve({ data: recordedSource(join(shared, '2026-03-09')) })
    const totals = totalsOf(await fetchAll(url))
    expect(totals).toMatchObject({
      rows: 205,
      statuses: { CURRENT: 8, COMPLETED: 80, REPEATING: 1, PAUSED: 19, DROPPED: 9, PLANNING: 50 },
      scored: 106,
      watched: 81,
    })
    expect(totals.genres.slice(0, 5)).toEqual([
      { genre: 'Drama', watched: 41 },
      { genre: 'Action', watched: 33 },
      { genre: 'Comedy', watched: 33 },
      { genre: 'Adventure', watched: 29 },
      { genre: 'Slice of Life', watched: 29 },
    ])
  })

  it('give their anime by id, whole', async () => {
    const { url } = await serve({ data: recordedSource(shared) })
    const lists = (await fetchAll(url)).flatMap(({ data }) => data.MediaListCollection.lists)
    const [first] = lists.flatMap(({ entries }) => entries)
    if (!first) throw new Error('no entries')
    const query = 'query ($ids: [Int]) { Page { media(id_in: $ids, type: ANIME) { id } } }'
    const answer = await post(url, query, { ids: [1, first.mediaId] })
    expect(await answer.json()).toEqual({ data: { Page: expect.objectContaining({ media: [first.media] }) } })
  })

  it('include a large profile of 1,817 entries in four chunks', async () => {
    const service = await serve({ data: recordedSource(join(shared, 'large_profile')) })
    expect(totalsOf(await fetchAll(service.url)).entries).toBe(1817)
    expect(service.requests()).toHaveLength(4)
    expect((await post(service.url, '{ User(name: "Gajs") { id } }')).status).toBe(200)
  })
})

describe('the sample', () => {
  it('has totals that are worth showing', async () => {
    const { url } = await serve({ data: generatedSource() })
    const totals = totalsOf(await fetchAll(url))
    expect(totals.entries).toBeGreaterThan(100)
    expect(totals.rows).toBeGreaterThan(totals.entries)
    expect(Object.keys(totals.statuses).toSorted()).toEqual([
      'COMPLETED',
      'CURRENT',
      'DROPPED',
      'PAUSED',
      'PLANNING',
      'REPEATING',
    ])
    expect(totals.watched).toBeGreaterThan(40)
    expect(totals.genres.length).toBeGreaterThan(10)
  })
})
