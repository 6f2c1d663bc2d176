import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AniListService, generatedSource, startAniListService } from '../../samples/anilist/index.ts'
import { profileAt } from '../../samples/anilist/profile.ts'
import { query, simulate, temporaryFolder } from './cli.ts'

const date = '2026-05-01'
const folder = temporaryFolder()
const entries = 30
const onProfile = profileAt(date, { entries })
  .map(({ title }) => title)
  .toSorted((a, b) => a.id - b.id)
/** Anime that the list names without describing them. */
const withoutMedia = onProfile.slice(0, 3).map(({ id }) => id)
let service: AniListService

beforeAll(async () => {
  service = await startAniListService({ data: generatedSource({ entries, withoutMedia }), date })
})

afterAll(async () => {
  await service.close()
  folder.remove()
})

const tables = `
  SELECT 'user' AS resource, object, _load_id, JSON_VALUE(payload, '$.data.User.name') AS held FROM anilist_raw.user
  UNION ALL
  SELECT 'list', object, _load_id, JSON_VALUE(payload, '$.data.MediaListCollection.user.name') FROM anilist_raw.list
  UNION ALL
  SELECT 'media', object, _load_id, (
    SELECT STRING_AGG(JSON_VALUE(media, '$.id'), ' ' ORDER BY place)
    FROM UNNEST(JSON_QUERY_ARRAY(payload, '$.data.Page.media')) AS media WITH OFFSET AS place)
  FROM anilist_raw.media
  ORDER BY resource`

test('profile, list and the anime that the list does not describe stand in RAW, once, and TRU knows every anime', async () => {
  const live = ['anilist', '--live', '--date', date, '--state', folder.path]
  const run = await simulate(live, { ANILIST_ENDPOINT: service.url })
  expect(run.state).toBe('success')
  expect(service.requests().map(({ field }) => field)).toEqual(['User', 'MediaListCollection', 'Page'])
  const rows = await query(tables, folder.path)
  expect(rows.map(({ resource, held }) => [resource, held])).toEqual([
    ['list', 'Gajs'],
    ['media', withoutMedia.join(' ')],
    ['user', 'Gajs'],
  ])
  for (const { object, _load_id: load } of rows) {
    expect(object).toContain(`/dt=${date}/run=${run.run_id}/chunk=1.json`)
    expect(load).toContain(`${run.run_id}/`)
  }

  const trusted = await query(
    `SELECT m.media_id, COALESCE(m.title.english, m.title.romaji) AS title,
       (SELECT COUNT(*) FROM anilist_tru.media_genre AS g WHERE g.media_id = m.media_id) AS genres
     FROM anilist_tru.media AS m`,
    folder.path,
  )
  expect(trusted.toSorted((a, b) => Number(a.media_id) - Number(b.media_id))).toEqual(
    onProfile.map(({ id, english, romaji, genres }) => ({
      media_id: id,
      title: english ?? romaji,
      genres: genres.length,
    })),
  )

  await simulate(live, { ANILIST_ENDPOINT: service.url })
  expect(await query(tables, folder.path)).toEqual(rows)
}, 120_000)
