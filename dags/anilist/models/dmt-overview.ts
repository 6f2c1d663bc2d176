import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** A profile at a glance. */
export const dmtOverview = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'overview',
  description: 'Totals of a profile per day',
  columns: {
    reference_date: referenceDate,
    user_id: column.required(column.int64('AniList id of the profile')),
    entries: column.required(column.int64('Entries on the profile')),
    current: column.required(column.int64('Entries being watched')),
    planning: column.required(column.int64('Entries planned')),
    completed: column.required(column.int64('Entries completed')),
    dropped: column.required(column.int64('Entries dropped')),
    paused: column.required(column.int64('Entries paused')),
    repeating: column.required(column.int64('Entries being watched again')),
    episodes: column.required(column.int64('Episodes watched, repeats included')),
    hours: column.numeric('Hours watched, as far as lengths are known'),
    mean_score: column.numeric('Mean of the scores given, 1 to 100'),
    scored: column.required(column.int64('Entries with a score')),
  },
  primaryKey: ['reference_date', 'user_id'],
  partitionBy: 'reference_date',
  retentionDays: retention.dmt,
  write: write.replacePartition(),
  sql: sql`
SELECT user_id, COUNT(*) AS entries,
  COUNTIF(status = 'CURRENT') AS \`current\`,
  COUNTIF(status = 'PLANNING') AS planning,
  COUNTIF(status = 'COMPLETED') AS completed,
  COUNTIF(status = 'DROPPED') AS dropped,
  COUNTIF(status = 'PAUSED') AS paused,
  COUNTIF(status = 'REPEATING') AS repeating,
  SUM(progress + repeats * IFNULL(episodes, 0)) AS episodes,
  ROUND(CAST(SUM(minutes_watched) AS NUMERIC) / 60, 2) AS hours,
  ROUND(AVG(CAST(score_100 AS NUMERIC)), 4) AS mean_score,
  COUNT(score_100) AS scored
FROM ${refEntryDay}
WHERE reference_date = ${sql.run.date}
GROUP BY user_id
`,
  tests: [
    quality.expression(
      'every entry has a status that is counted',
      sql`entries = \`current\` + planning + completed + dropped + paused + repeating`,
    ),
  ],
})
