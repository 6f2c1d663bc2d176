import { column, model, sql } from 'dagwright'
import { loadColumns, referenceDate } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'
import { runVariables } from './run-variables.ts'

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
    ...loadColumns,
  },
  primaryKey: ['reference_date', 'media_id'],
  partitionBy: 'reference_date',
  retentionDays: 2 * 365,
  sql: (self) => sql`
${runVariables}

BEGIN TRANSACTION;

DELETE FROM ${self} WHERE reference_date = today;

INSERT INTO ${self} (
  reference_date, media_id, title, popularity, favourites, score_100, position, _load_id, _loaded_at)
SELECT today, media_id, title, popularity, favourites, score_100,
  RANK() OVER (ORDER BY popularity DESC), this_load, this_time
FROM ${refEntryDay}
WHERE reference_date = today;

COMMIT TRANSACTION;
`,
})
