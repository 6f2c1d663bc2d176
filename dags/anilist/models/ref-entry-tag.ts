import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention, statuses } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** Entries by tag: one row per entry and tag. */
export const refEntryTag = model({
  layer: 'ref',
  dataset: 'anilist_ref',
  table: 'entry_tag',
  description: 'Entries on the profile per day, one row per tag',
  columns: {
    entry_id: column.required(column.int64('AniList id of the list entry')),
    tag_id: column.required(column.int64('AniList id of the tag')),
    tag: column.string('Name of the tag'),
    category: column.string('Category of the tag'),
    rank: column.int64('How well it fits, in percent'),
    spoiler: column.bool('Tells something of the plot'),
    reference_date: referenceDate,
    media_id: column.required(column.int64('AniList id of the anime')),
    status: column.required(column.string('CURRENT, PLANNING, COMPLETED, DROPPED, PAUSED or REPEATING')),
    score_100: column.int64('Score from 1 to 100; null is no score'),
    minutes_watched: column.int64('Minutes watched of the anime; null where its length is unknown'),
  },
  primaryKey: ['entry_id', 'tag_id', 'reference_date'],
  partitionBy: 'reference_date',
  clusterBy: ['tag_id'],
  retentionDays: retention.ref,
  write: write.replacePartition(),
  sql: sql`
SELECT e.entry_id, t.tag_id, t.name AS tag, t.category, t.rank, t.spoiler, e.media_id, e.status, e.score_100,
  e.minutes_watched
FROM ${refEntryDay} AS e
CROSS JOIN UNNEST(e.tags) AS t
WHERE e.reference_date = ${sql.run.date}
`,
  tests: [quality.acceptedValues('status', statuses)],
})
