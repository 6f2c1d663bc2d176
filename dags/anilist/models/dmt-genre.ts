import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

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
  },
  primaryKey: ['reference_date', 'genre'],
  partitionBy: 'reference_date',
  clusterBy: ['genre'],
  retentionDays: retention.dmt,
  write: write.replacePartition(),
  sql: sql`
SELECT genre, COUNT(*) AS watched, SUM(e.minutes_watched) AS minutes,
  ROUND(AVG(CAST(e.score_100 AS NUMERIC)), 4) AS mean_score,
  ROUND(AVG(CAST(e.community_score AS NUMERIC)), 4) AS community_score,
  RANK() OVER (ORDER BY COUNT(*) DESC) AS position
FROM ${refEntryDay} AS e
CROSS JOIN UNNEST(e.genres) AS genre
WHERE e.reference_date = ${sql.run.date} AND e.status IN ('COMPLETED', 'REPEATING')
GROUP BY genre
`,
  tests: [
    quality.expression(
      'means are scores',
      sql`mean_score BETWEEN 1 AND 100 AND community_score BETWEEN 0 AND 100`,
    ),
  ],
})
