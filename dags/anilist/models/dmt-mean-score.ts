import { column, model, sql } from 'dagwright'
import { loadColumns, referenceDate } from './columns.ts'
import { refEntryDay } from './ref-entry-day.ts'
import { runVariables } from './run-variables.ts'

/** Mean scores over all scored entries, and by genre, format, studio, year and decade. */
export const dmtMeanScore = model({
  layer: 'dmt',
  dataset: 'anilist_dmt',
  table: 'mean_score',
  description: 'Mean score of the scored entries per day, by dimension',
  columns: {
    reference_date: referenceDate,
    dimension: column.required(column.string('overall, genre, format, studio, year or decade')),
    value: column.required(column.string('Value of the dimension; `all` for overall')),
    count: column.required(column.int64('Scored entries')),
    mean: column.required(column.numeric('Mean score, 1 to 100')),
    stddev: column.numeric('Standard deviation of the population'),
    minimum: column.int64('Lowest score'),
    maximum: column.int64('Highest score'),
    ...loadColumns,
  },
  primaryKey: ['reference_date', 'dimension', 'value'],
  partitionBy: 'reference_date',
  clusterBy: ['dimension'],
  retentionDays: 2 * 365,
  sql: (self) => sql`
${runVariables}

BEGIN TRANSACTION;

DELETE FROM ${self} WHERE reference_date = today;

INSERT INTO ${self} (
  reference_date, dimension, value, count, mean, stddev, minimum, maximum, _load_id, _loaded_at)
WITH scored AS (
  SELECT score_100, format, main_studio, season_year, decade, genres
  FROM ${refEntryDay}
  WHERE reference_date = today AND score_100 IS NOT NULL
),
valued AS (
  SELECT 'overall' AS dimension, 'all' AS value, score_100 FROM scored
  UNION ALL
  SELECT 'genre', genre, score_100 FROM scored CROSS JOIN UNNEST(genres) AS genre
  UNION ALL
  SELECT 'format', format, score_100 FROM scored WHERE format IS NOT NULL
  UNION ALL
  SELECT 'studio', main_studio, score_100 FROM scored WHERE main_studio IS NOT NULL
  UNION ALL
  SELECT 'year', CAST(season_year AS STRING), score_100 FROM scored WHERE season_year IS NOT NULL
  UNION ALL
  SELECT 'decade', CAST(decade AS STRING), score_100 FROM scored WHERE decade IS NOT NULL
)
SELECT today, dimension, value, COUNT(*),
  ROUND(AVG(CAST(score_100 AS NUMERIC)), 4),
  CAST(ROUND(STDDEV_POP(score_100), 4) AS NUMERIC),
  MIN(score_100), MAX(score_100), this_load, this_time
FROM valued
GROUP BY dimension, value;

COMMIT TRANSACTION;
`,
})
