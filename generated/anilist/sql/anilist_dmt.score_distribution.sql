-- Scored entries per day, by band of scores
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_score_distribution__fc599eca`(
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
    SELECT CAST(CEIL(score_100 / 10) AS INT64) * 10 AS band
    FROM `anilist_ref.entry_day`
    WHERE reference_date = _run_date AND score_100 IS NOT NULL
  ),
  counted AS (
    SELECT band, COUNT(*) AS entries FROM scored GROUP BY band
  )
  SELECT band, IFNULL(c.entries, 0) AS count,
    ROUND(CAST(IFNULL(c.entries, 0) AS NUMERIC) / NULLIF(SUM(c.entries) OVER (), 0), 6) AS share
  FROM UNNEST(GENERATE_ARRAY(10, 100, 10)) AS band
  LEFT JOIN counted AS c USING (band);

  SET _tests = [
    STRUCT('primary_key(band)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(band IS NULL) AS missing FROM built_rows GROUP BY band) WHERE n > 1 OR missing) AS failing),
    STRUCT('row_count(10 to 10)', 'stop', (SELECT IF(COUNT(*) >= 10 AND COUNT(*) <= 10, 0, 1) FROM built_rows)),
    STRUCT('accepted_values(band)', 'stop', (SELECT COUNTIF(band NOT IN (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_dmt.score_distribution', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_dmt.score_distribution failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.score_distribution` WHERE reference_date = _run_date;

  INSERT INTO `anilist_dmt.score_distribution` (band, count, share, reference_date, _load_id, _loaded_at)
  SELECT s.band, s.count, s.share, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_dmt.score_distribution', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
