import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type AniListService,
  generatedSource,
  recordedSource,
  startAniListService,
  totalsOf,
  type Totals,
} from '../../samples/anilist/index.ts'
import type { CollectionBody } from '../../samples/anilist/totals.ts'
import { hasSharedData, query, sharedData, simulate, temporaryFolder } from './cli.ts'
import { dumpTables } from './dump.ts'

const live = (service: AniListService, ...args: string[]) =>
  simulate(['anilist', '--live', ...args], {
    ANILIST_ENDPOINT: service.url,
    ANILIST_REQUESTS_PER_MINUTE: '1000',
  })

const totalsSql = (date: string) => `
  SELECT
    (SELECT COUNT(*) FROM anilist_ref.entry_day WHERE reference_date = DATE '${date}') AS entries,
    (SELECT COUNT(*) FROM anilist_tru.entry WHERE active) AS active,
    (SELECT AVG(score_100) FROM anilist_tru.entry WHERE active) AS mean,
    (SELECT mean FROM anilist_dmt.mean_score WHERE reference_date = DATE '${date}' AND dimension = 'overall') AS mart_mean,
    (SELECT count FROM anilist_dmt.mean_score WHERE reference_date = DATE '${date}' AND dimension = 'overall') AS scored,
    (SELECT COUNT(*) FROM anilist_tru.entry WHERE active AND status IN ('COMPLETED', 'REPEATING')) AS watched,
    (SELECT STRING_AGG(CONCAT(status, ' ', n) ORDER BY status) FROM (
      SELECT status, CAST(COUNT(*) AS STRING) AS n FROM anilist_tru.entry WHERE active GROUP BY status)) AS statuses,
    (SELECT STRING_AGG(CONCAT(genre, ' ', CAST(watched AS STRING)) ORDER BY watched DESC, genre)
      FROM anilist_dmt.genre WHERE reference_date = DATE '${date}') AS genres,
    (SELECT COUNT(*) FROM anilist_tru.rejected WHERE reference_date = DATE '${date}') AS rejected`

/** What the tables say, in the words of the totals that are counted without SQL. */
async function expectTables(state: string, date: string, totals: Totals): Promise<void> {
  const [row] = await query(totalsSql(date), state)
  expect({
    ...row,
    mean: Number(row?.['mean']).toFixed(6),
    mart_mean: Number(row?.['mart_mean']).toFixed(4),
  }).toEqual({
    entries: totals.entries,
    active: totals.entries,
    mean: totals.mean?.toFixed(6),
    mart_mean: totals.mean?.toFixed(4),
    scored: totals.scored,
    watched: totals.watched,
    statuses: Object.entries(totals.statuses)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([status, count]) => `${status} ${count}`)
      .join(','),
    genres: totals.genres.map(({ genre, watched }) => `${genre} ${watched}`).join(','),
    rejected: 0,
  })
}

/** The bodies that the service answers with, asked for directly. */
async function bodiesOf(service: AniListService, userName: string) {
  const bodies: CollectionBody[] = []
  for (let chunk = 1; ; chunk += 1) {
    const response = await fetch(service.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `query ($userName: String, $chunk: Int, $perChunk: Int) {
          MediaListCollection(userName: $userName, type: ANIME, chunk: $chunk, perChunk: $perChunk) {
            hasNextChunk lists { entries { id status score100: score(format: POINT_100) media { genres } } } } }`,
        variables: { userName, chunk, perChunk: 500 },
      }),
    })
    const body = (await response.json()) as CollectionBody & {
      data: { MediaListCollection: { hasNextChunk: boolean } }
    }
    bodies.push(body)
    if (!body.data.MediaListCollection.hasNextChunk) return bodies
  }
}

describe("the repository's own sample", () => {
  const folder = temporaryFolder()
  let service: AniListService

  beforeAll(async () => {
    service = await startAniListService({
      data: generatedSource(),
      date: '2026-03-09',
      requestsPerMinute: 1000,
    })
  })

  afterAll(async () => {
    await service.close()
    folder.remove()
  })

  test('the tables say what a count without SQL says, and the same day twice leaves the same tables', async () => {
    const run = await simulate(['anilist', '--date', '2026-03-09', '--state', folder.path])
    expect(run.state).toBe('success')
    await expectTables(folder.path, '2026-03-09', totalsOf(await bodiesOf(service, 'Gajs')))

    const once = await dumpTables(folder.path, ['tru', 'ref', 'dmt'])
    const again = await simulate(['anilist', '--date', '2026-03-09', '--state', folder.path])
    expect(again.run_id).toBe(run.run_id)
    expect(await dumpTables(folder.path, ['tru', 'ref', 'dmt'])).toEqual(once)
  })
})

describe.skipIf(!hasSharedData)('three recorded days', () => {
  const folder = temporaryFolder()
  const days = ['2026-03-09', '2026-03-10', '2026-03-11'] as const
  let service: AniListService

  beforeAll(async () => {
    service = await startAniListService({
      data: recordedSource(join(sharedData, 'anilist/composite')),
      date: days[0],
      requestsPerMinute: 1000,
    })
  })

  afterAll(async () => {
    await service.close()
    folder.remove()
  })

  test('give the reference totals, day by day', async () => {
    const means = []
    for (const date of days) {
      service.setDate(date)
      const run = await live(service, '--date', date, '--state', folder.path)
      expect(run.state).toBe('success')
      const totals = totalsOf(await bodiesOf(service, 'Gajs'))
      await expectTables(folder.path, date, totals)
      means.push([totals.entries, totals.mean?.toFixed(4)])
      if (date === days[0]) {
        expect(totals.rows).toBe(205)
        expect(totals.statuses).toEqual({
          CURRENT: 8,
          COMPLETED: 80,
          REPEATING: 1,
          PAUSED: 19,
          DROPPED: 9,
          PLANNING: 50,
        })
        expect(totals.scored).toBe(106)
        expect(totals.watched).toBe(81)
        const counts = new Map(totals.genres.map(({ genre, watched }) => [genre, watched]))
        expect(
          ['Drama', 'Action', 'Comedy', 'Adventure', 'Slice of Life'].map((genre) => counts.get(genre)),
        ).toEqual([41, 33, 33, 29, 29])
      }
    }
    expect(means).toEqual([
      [167, '69.0377'],
      [169, '69.6909'],
      [168, '70.0550'],
    ])
  })

  test('an entry that left the profile is kept, inactive', async () => {
    const rows = await query(
      `SELECT entry_id, CAST(removed_at AS STRING) AS removed_at FROM anilist_tru.entry WHERE NOT active ORDER BY entry_id`,
      folder.path,
    )
    expect(rows).toEqual([
      { entry_id: 500000009, removed_at: '2026-03-11 00:00:00+00' },
      { entry_id: 500000030, removed_at: '2026-03-10 00:00:00+00' },
    ])
  })

  test('an old day again changes nothing', async () => {
    const before = await dumpTables(folder.path, ['tru', 'ref', 'dmt'])
    service.setDate(days[0])
    await live(service, '--date', days[0], '--state', folder.path)
    expect(await dumpTables(folder.path, ['tru', 'ref', 'dmt'])).toEqual(before)
  })
})

describe.skipIf(!hasSharedData)('a profile of 1,817 entries', () => {
  test('takes five requests at most and no longer than its bar', async () => {
    const folder = temporaryFolder()
    const service = await startAniListService({
      data: recordedSource(join(sharedData, 'anilist/composite/large_profile')),
    })
    const run = await live(service, '--state', folder.path)
    expect(run.state).toBe('success')
    expect(service.requests().length).toBeLessThanOrEqual(5)
    const [row] = await query('SELECT COUNT(*) AS entries FROM anilist_tru.entry WHERE active', folder.path)
    expect(row).toEqual({ entries: 1817 })
    await service.close()
    folder.remove()
  })
})
