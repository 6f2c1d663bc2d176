-- Mean score of the scored entries per day, by dimension
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_mean_score__ae195683`(
  run_id STRING,
  load_id STRING,
  reference_date DATE,
  logical_date TIMESTAMP,
  interval_start TIMESTAMP,
  interval_end TIMESTAMP,
  run_time TIMESTAMP,
  params STRING
)
BEGIN
  DECLARE today DATE DEFAULT reference_date;
  DECLARE this_load STRING DEFAULT load_id;
  DECLARE this_time TIMESTAMP DEFAULT run_time;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.mean_score` WHERE reference_date = today;

  INSERT INTO `anilist_dmt.mean_score` (
    reference_date, dimension, value, count, mean, stddev, minimum, maximum, _load_id, _loaded_at)
  WITH scored AS (
    SELECT score_100, format, main_studio, season_year, decade, genres
    FROM `anilist_ref.entry_day`
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
END;
