import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** The anime on the profile, by how many AniList users have them on a list. */
export const dmtPopularAnime = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'popular_anime',
  description: 'Anime on the profile per day, by popularity on AniList',
  columns: {
    reference_date: referenceDate,
    media_id: column.required(column.int64('AniList id of the anime')),
    title: column.string('English title, else romanised, else original'),
    popularity: column.int64('Users with the anime on a list'),
    favourites: column.int64('Users with the anime as a favourite'),
    score_100: column.int64("The profile's score; null is no score"),
    position: column.required(column.int64('Rank by popularity')),
  },
  primaryKey: ['reference_date', 'media_id'],
  partitionBy: 'reference_date',
  retentionDays: retention.dmt,
  write: write.replacePartition(),
  sql: sql`
-- An anime can stand on the list twice: the entry with a score counts.
WITH anime AS (
  SELECT media_id, title, popularity, favourites, score_100
  FROM ${refEntryDay}
  WHERE reference_date = ${sql.run.date}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY media_id ORDER BY score_100 IS NULL, entry_id) = 1
)
SELECT media_id, title, popularity, favourites, score_100,
  RANK() OVER (ORDER BY popularity DESC) AS position
FROM anime
`,
  tests: [quality.notNull('title', { severity: 'warn' })],
})
