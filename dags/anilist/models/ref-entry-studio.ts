import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention, statuses } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** Entries by studio: one row per entry and studio. */
export const refEntryStudio = model({
  layer: 'ref',
  dataset: 'anilist_ref',
  table: 'entry_studio',
  description: 'Entries on the profile per day, one row per studio',
  columns: {
    entry_id: column.required(column.int64('AniList id of the list entry')),
    studio_id: column.required(column.int64('AniList id of the studio')),
    studio: column.string('Name of the studio'),
    main: column.bool('Main studio, rather than a producer'),
    reference_date: referenceDate,
    media_id: column.required(column.int64('AniList id of the anime')),
    status: column.required(column.string('CURRENT, PLANNING, COMPLETED, DROPPED, PAUSED or REPEATING')),
    score_100: column.int64('Score from 1 to 100; null is no score'),
    minutes_watched: column.int64('Minutes watched of the anime; null where its length is unknown'),
  },
  primaryKey: ['entry_id', 'studio_id', 'reference_date'],
  partitionBy: 'reference_date',
  clusterBy: ['studio_id'],
  retentionDays: retention.ref,
  write: write.replacePartition(),
  sql: sql`
SELECT e.entry_id, s.studio_id, s.name AS studio, s.main, e.media_id, e.status, e.score_100, e.minutes_watched
FROM ${refEntryDay} AS e
CROSS JOIN UNNEST(e.studios) AS s
WHERE e.reference_date = ${sql.run.date}
`,
  tests: [quality.acceptedValues('status', statuses)],
})
