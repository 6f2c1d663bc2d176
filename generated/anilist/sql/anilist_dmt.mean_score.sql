-- Mean score of the scored entries per day, by dimension
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_mean_score__f77a86ee`(
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
  DECLARE _run_id STRING DEFAULT run_id;
  DECLARE _run_load_id STRING DEFAULT load_id;
  DECLARE _run_date DATE DEFAULT reference_date;
  DECLARE _run_interval_start TIMESTAMP DEFAULT interval_start;
  DECLARE _run_interval_end TIMESTAMP DEFAULT interval_end;
  DECLARE _run_time TIMESTAMP DEFAULT run_time;
  DECLARE _tests ARRAY<STRUCT<test STRING, severity STRING, failing INT64>> DEFAULT [];
  DECLARE _stopped STRING;

  CREATE TEMP TABLE built_rows AS
  WITH scored AS (
    SELECT score_100, format, main_studio, season_year, decade
    FROM `anilist_ref.entry_day`
    WHERE reference_date = _run_date AND score_100 IS NOT NULL
  ),
  valued AS (
    SELECT 'overall' AS dimension, 'all' AS value, score_100 FROM scored
    UNION ALL
    SELECT 'genre', genre, score_100 FROM `anilist_ref.entry_genre`
    WHERE reference_date = _run_date AND score_100 IS NOT NULL
    UNION ALL
    SELECT 'tag', tag, score_100 FROM `anilist_ref.entry_tag`
    WHERE reference_date = _run_date AND score_100 IS NOT NULL AND tag IS NOT NULL
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
  GROUP BY dimension, value;

  SET _tests = [
    STRUCT('primary_key(dimension, value)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(dimension IS NULL OR value IS NULL) AS missing FROM built_rows GROUP BY dimension, value) WHERE n > 1 OR missing) AS failing),
    STRUCT('the mean lies between the extremes', 'stop', (SELECT COUNTIF(NOT (mean BETWEEN minimum AND maximum)) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_dmt.mean_score', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_dmt.mean_score failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.mean_score` WHERE reference_date = _run_date;

  INSERT INTO `anilist_dmt.mean_score` (dimension, value, count, mean, stddev, minimum, maximum, reference_date, _load_id, _loaded_at)
  SELECT s.dimension, s.value, s.count, s.mean, s.stddev, s.minimum, s.maximum, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_dmt.mean_score', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
