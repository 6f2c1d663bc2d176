import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** What was completed when. A period is known only from a date that is precise enough. */
export const dmtWatchedOverTime = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'watched_over_time',
  description:
    'Completed anime (COMPLETED, REPEATING) per day of the snapshot, by the period of their completion',
  columns: {
    reference_date: referenceDate,
    granularity: column.required(column.string('year or month')),
    period: column.required(column.string('2026 or 2026-03; unknown where the date is not precise enough')),
    completed: column.required(column.int64('Anime completed in the period')),
    minutes: column.int64('Minutes of them, repeats included'),
  },
  primaryKey: ['reference_date', 'granularity', 'period'],
  partitionBy: 'reference_date',
  clusterBy: ['granularity'],
  retentionDays: retention.dmt,
  write: write.replacePartition(),
  sql: sql`
WITH watched AS (
  SELECT completed_date, completed_precision, minutes_watched
  FROM ${refEntryDay}
  WHERE reference_date = ${sql.run.date} AND status IN ('COMPLETED', 'REPEATING')
),
dated AS (
  SELECT 'year' AS granularity, minutes_watched,
    IF(completed_precision IN ('year', 'month', 'day'), FORMAT_DATE('%Y', completed_date), 'unknown') AS period
  FROM watched
  UNION ALL
  SELECT 'month', minutes_watched,
    IF(completed_precision IN ('month', 'day'), FORMAT_DATE('%Y-%m', completed_date), 'unknown')
  FROM watched
)
SELECT granularity, period, COUNT(*) AS completed, SUM(minutes_watched) AS minutes
FROM dated
GROUP BY granularity, period
`,
  tests: [quality.acceptedValues('granularity', ['year', 'month']), quality.notNull('period')],
})
