import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** Where the profile and the community differ most. */
export const dmtYouVsCommunity = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'you_vs_community',
  description: 'Scored anime of the profile per day, against the mean score of the community',
  columns: {
    reference_date: referenceDate,
    media_id: column.required(column.int64('AniList id of the anime')),
    title: column.string('English title, else romanised, else original'),
    score_100: column.required(column.int64("The profile's score, 1 to 100")),
    community_score: column.required(column.int64('Mean score of the community, 0 to 100')),
    difference: column.required(column.int64('score_100 − community_score')),
    position: column.required(column.int64('Rank by the size of the difference')),
  },
  primaryKey: ['reference_date', 'media_id'],
  partitionBy: 'reference_date',
  retentionDays: retention.dmt,
  write: write.replacePartition(),
  sql: sql`
-- An anime can stand on the list twice: one entry counts.
WITH scored AS (
  SELECT media_id, title, score_100, community_score, community_difference AS difference
  FROM ${refEntryDay}
  WHERE reference_date = ${sql.run.date} AND community_difference IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY media_id ORDER BY entry_id) = 1
)
SELECT media_id, title, score_100, community_score, difference,
  RANK() OVER (ORDER BY ABS(difference) DESC) AS position
FROM scored
`,
  tests: [quality.expression('difference is the difference', sql`difference = score_100 - community_score`)],
})
