-- Completed anime (COMPLETED, REPEATING) per day of the snapshot, by the period of their completion
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_watched_over_time__974d3296`(
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
  WITH watched AS (
    SELECT completed_date, completed_precision, minutes_watched
    FROM `anilist_ref.entry_day`
    WHERE reference_date = _run_date AND status IN ('COMPLETED', 'REPEATING')
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
  GROUP BY granularity, period;

  SET _tests = [
    STRUCT('primary_key(granularity, period)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(granularity IS NULL OR period IS NULL) AS missing FROM built_rows GROUP BY granularity, period) WHERE n > 1 OR missing) AS failing),
    STRUCT('accepted_values(granularity)', 'stop', (SELECT COUNTIF(granularity NOT IN ('year', 'month')) FROM built_rows)),
    STRUCT('not_null(period)', 'stop', (SELECT COUNTIF(period IS NULL) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_dmt.watched_over_time', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_dmt.watched_over_time failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.watched_over_time` WHERE reference_date = _run_date;

  INSERT INTO `anilist_dmt.watched_over_time` (granularity, period, completed, minutes, reference_date, _load_id, _loaded_at)
  SELECT s.granularity, s.period, s.completed, s.minutes, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_dmt.watched_over_time', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
