import { column, model, quality, sql, write } from 'dagwright'
import { referenceDate, retention } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'
import { refEntryGenre } from './ref-entry-genre.ts'
import { refEntryTag } from './ref-entry-tag.ts'

/** Mean scores over all scored entries, and by genre, format, main studio, year, decade and tag. */
export const dmtMeanScore = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'mean_score',
  description: 'Mean score of the scored entries per day, by dimension',
  columns: {
    reference_date: referenceDate,
    dimension: column.required(column.string('overall, genre, format, studio, year, decade or tag')),
    value: column.required(column.string('Value of the dimension; `all` for overall')),
    count: column.required(column.int64('Scored entries')),
    mean: column.required(column.numeric('Mean score, 1 to 100')),
    stddev: column.numeric('Standard deviation of the population'),
    minimum: column.int64('Lowest score'),
    maximum: column.int64('Highest score'),
  },
  primaryKey: ['reference_date', 'dimension', 'value'],
  partitionBy: 'reference_date',
  clusterBy: ['dimension'],
  retentionDays: retention.dmt,
  write: write.replacePartition(),
  sql: sql`
WITH scored AS (
  SELECT score_100, format, main_studio, season_year, decade
  FROM ${refEntryDay}
  WHERE reference_date = ${sql.run.date} AND score_100 IS NOT NULL
),
valued AS (
  SELECT 'overall' AS dimension, 'all' AS value, score_100 FROM scored
  UNION ALL
  SELECT 'genre', genre, score_100 FROM ${refEntryGenre}
  WHERE reference_date = ${sql.run.date} AND score_100 IS NOT NULL
  UNION ALL
  SELECT 'tag', tag, score_100 FROM ${refEntryTag}
  WHERE reference_date = ${sql.run.date} AND score_100 IS NOT NULL AND tag IS NOT NULL
  UNION ALL
  SELECT 'format', format, score_100 FROM scored WHERE format IS NOT NULL
  UNION ALL
  SELECT 'studio', main_studio, score_100 FROM scored WHERE main_studio IS NOT NULL
  UNION ALL
  SELECT 'year', CAST(season_year AS STRING), score_100 FROM scored WHERE season_year IS NOT NULL
  UNION ALL
  SELECT 'decade', CAST(decade AS STRING), score_100 FROM scored WHERE decade IS NOT NULL
)
SELECT dimension, value, COUNT(*) AS count,
  ROUND(AVG(CAST(score_100 AS NUMERIC)), 4) AS mean,
  CAST(ROUND(STDDEV_POP(score_100), 4) AS NUMERIC) AS stddev,
  MIN(score_100) AS minimum, MAX(score_100) AS maximum
FROM valued
GROUP BY dimension, value
`,
  tests: [quality.expression('the mean lies between the extremes', sql`mean BETWEEN minimum AND maximum`)],
})
