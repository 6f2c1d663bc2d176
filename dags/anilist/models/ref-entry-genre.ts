import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention, statuses } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** Entries by genre: one row per entry and genre. */
export const refEntryGenre = model({
  layer: 'ref',
  dataset: 'anilist_ref',
  table: 'entry_genre',
  description: 'Entries on the profile per day, one row per genre',
  columns: {
    entry_id: column.required(column.int64('AniList id of the list entry')),
    genre: column.required(column.string('Genre as AniList names it')),
    reference_date: referenceDate,
    media_id: column.required(column.int64('AniList id of the anime')),
    status: column.required(column.string('CURRENT, PLANNING, COMPLETED, DROPPED, PAUSED or REPEATING')),
    score_100: column.int64('Score from 1 to 100; null is no score'),
    minutes_watched: column.int64('Minutes watched of the anime; null where its length is unknown'),
  },
  primaryKey: ['entry_id', 'genre', 'reference_date'],
  partitionBy: 'reference_date',
  clusterBy: ['genre'],
  retentionDays: retention.ref,
  write: write.replacePartition(),
  sql: sql`
SELECT e.entry_id, genre, e.media_id, e.status, e.score_100, e.minutes_watched
FROM ${refEntryDay} AS e
CROSS JOIN UNNEST(e.genres) AS genre
WHERE e.reference_date = ${sql.run.date}
`,
  tests: [quality.acceptedValues('status', statuses)],
})
