import { expect } from 'vitest'
import type { AniListService, Totals } from '../../samples/anilist/index.ts'
import type { CollectionBody } from '../../samples/anilist/totals.ts'
import { query } from './cli.ts'

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
export async function expectTables(state: string, date: string, totals: Totals): Promise<void> {
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
export async function bodiesOf(service: AniListService, userName: string): Promise<CollectionBody[]> {
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
