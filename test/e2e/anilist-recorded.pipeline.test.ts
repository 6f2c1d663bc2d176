import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type AniListService,
  recordedSource,
  startAniListService,
  totalsOf,
} from '../../samples/anilist/index.ts'
import { hasSharedData, query, sharedData, simulate, temporaryFolder } from './cli.ts'
import { dumpTables } from './dump.ts'
import { bodiesOf, expectTables } from './totals.ts'

const live = (service: AniListService, ...args: string[]) =>
  simulate(['anilist', '--live', ...args], {
    ANILIST_ENDPOINT: service.url,
    ANILIST_REQUESTS_PER_MINUTE: '1000',
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

  test('give the reference totals, day by day', { timeout: 120_000 }, async () => {
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
