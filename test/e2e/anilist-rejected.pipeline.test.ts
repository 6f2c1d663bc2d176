import { afterAll, expect, test } from 'vitest'
import { type Source, startAniListService } from '../../samples/anilist/index.ts'
import { query, simulate, temporaryFolder } from './cli.ts'

const good = {
  id: 1,
  userId: 7,
  mediaId: 100,
  status: 'COMPLETED',
  score: 8,
  score100: 80,
  progress: 12,
  repeat: 0,
  updatedAt: 1_700_000_000,
  startedAt: { year: 2024, month: 2, day: 30 },
  media: { id: 100, title: { romaji: 'Good' }, genres: ['Drama'], episodes: 12, duration: 24 },
}

/** One good entry and one for each rule that refuses a row. */
const entries = [
  good,
  { ...good, id: null },
  { ...good, id: 3, mediaId: null, media: null },
  { ...good, id: 4, status: null },
  { ...good, id: 5, status: 'SLEEPING' },
  { ...good, id: 6, score: 'eight' },
  { ...good, id: 7, score100: 150 },
  { ...good, id: 8, progress: -1 },
]

const user = { id: 7, name: 'Gajs', mediaListOptions: { scoreFormat: 'POINT_10' } }

const source: Source = {
  userName: 'Gajs',
  userId: 7,
  answer({ field }) {
    const list = { name: 'Completed', isCustomList: false, status: 'COMPLETED', entries }
    const data =
      field === 'User'
        ? { User: user }
        : { MediaListCollection: { hasNextChunk: false, user, lists: [list] } }
    return new TextEncoder().encode(JSON.stringify({ data }))
  },
}

const folder = temporaryFolder()

afterAll(() => {
  folder.remove()
})

test('a row that no rule accepts goes to its table with the rule, and never vanishes', async () => {
  const service = await startAniListService({ data: source })
  const { state } = await simulate(['anilist', '--live', '--date', '2026-05-01', '--state', folder.path], {
    ANILIST_ENDPOINT: service.url,
  })
  await service.close()
  expect(state).toBe('success')

  const rejected = await query(
    `SELECT position, rule, JSON_VALUE(record, '$.id') AS id FROM anilist_tru.rejected ORDER BY position`,
    folder.path,
  )
  expect(rejected).toEqual([
    { position: 1, rule: 'entry_without_id', id: null },
    { position: 2, rule: 'entry_without_media', id: '3' },
    { position: 3, rule: 'entry_without_status', id: '4' },
    { position: 4, rule: 'unknown_status', id: '5' },
    { position: 5, rule: 'score_not_a_number', id: '6' },
    { position: 6, rule: 'score_out_of_range', id: '7' },
    { position: 7, rule: 'negative_count', id: '8' },
  ])

  const kept = await query(
    `SELECT entry_id, score_100, CAST(started_date AS STRING) AS started, started_precision FROM anilist_tru.entry`,
    folder.path,
  )
  // There is no 30 February: the month is what is known.
  expect(kept).toEqual([{ entry_id: 1, score_100: 80, started: '2024-02-01', started_precision: 'month' }])
})
