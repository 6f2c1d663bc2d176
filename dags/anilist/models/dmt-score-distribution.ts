import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'

/** How scores are spread, in ten bands of ten. */
export const dmtScoreDistribution = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'score_distribution',
  description: 'Scored entries per day, by band of scores',
  columns: {
    reference_date: referenceDate,
    band: column.required(column.int64('Highest score of the band: 10 stands for 1 to 10')),
    count: column.required(column.int64('Scored entries in the band; 0 where none is')),
    share: column.numeric('Of all scored entries, 0 to 1; null where none has a score'),
  },
  primaryKey: ['reference_date', 'band'],
  partitionBy: 'reference_date',
  retentionDays: retention.dmt,
  write: write.replacePartition(),
  sql: sql`
WITH scored AS (
  SELECT CAST(CEIL(score_100 / 10) AS INT64) * 10 AS band
  FROM ${refEntryDay}
  WHERE reference_date = ${sql.run.date} AND score_100 IS NOT NULL
),
counted AS (
  SELECT band, COUNT(*) AS entries FROM scored GROUP BY band
)
SELECT band, IFNULL(c.entries, 0) AS count,
  ROUND(CAST(IFNULL(c.entries, 0) AS NUMERIC) / NULLIF(SUM(c.entries) OVER (), 0), 6) AS share
FROM UNNEST(GENERATE_ARRAY(10, 100, 10)) AS band
LEFT JOIN counted AS c USING (band)
`,
  tests: [
    quality.rowCount({ min: 10, max: 10 }),
    quality.acceptedValues('band', [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
  ],
})
