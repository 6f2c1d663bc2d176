import { column, model, sql } from 'dagwright'
import { loadColumns, referenceDate } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'
import { runVariables } from './run-variables.ts'

/** The most watched genres. Watched means COMPLETED or REPEATING; an anime counts once for each of its genres. */
export const dmtGenre = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'genre',
  description: 'Watched anime (COMPLETED, REPEATING) per genre and day',
  columns: {
    reference_date: referenceDate,
    genre: column.required(column.string('Genre as AniList names it')),
    watched: column.required(column.int64('Watched anime of the genre')),
    minutes: column.int64('Minutes watched in them'),
    mean_score: column.numeric('Mean of the scores given to them, 1 to 100'),
    community_score: column.numeric('Mean of their community scores, 0 to 100'),
    position: column.required(column.int64('Rank by watched anime; equal counts share a rank')),
    ...loadColumns,
  },
  primaryKey: ['reference_date', 'genre'],
  partitionBy: 'reference_date',
  clusterBy: ['genre'],
  retentionDays: 2 * 365,
  sql: (self) => sql`
${runVariables}

BEGIN TRANSACTION;

DELETE FROM ${self} WHERE reference_date = today;

INSERT INTO ${self} (
  reference_date, genre, watched, minutes, mean_score, community_score, position, _load_id, _loaded_at)
SELECT today, genre, COUNT(*), SUM(e.minutes_watched),
  ROUND(AVG(CAST(e.score_100 AS NUMERIC)), 4),
  ROUND(AVG(CAST(e.community_score AS NUMERIC)), 4),
  RANK() OVER (ORDER BY COUNT(*) DESC),
  this_load, this_time
FROM ${refEntryDay} AS e
CROSS JOIN UNNEST(e.genres) AS genre
WHERE e.reference_date = today AND e.status IN ('COMPLETED', 'REPEATING')
GROUP BY genre;

COMMIT TRANSACTION;
`,
})
