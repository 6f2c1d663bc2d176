-- Totals of a profile per day
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_overview__26addd64`(
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
  SELECT user_id, COUNT(*) AS entries,
    COUNTIF(status = 'CURRENT') AS `current`,
    COUNTIF(status = 'PLANNING') AS planning,
    COUNTIF(status = 'COMPLETED') AS completed,
    COUNTIF(status = 'DROPPED') AS dropped,
    COUNTIF(status = 'PAUSED') AS paused,
    COUNTIF(status = 'REPEATING') AS repeating,
    SUM(progress + repeats * IFNULL(episodes, 0)) AS episodes,
    ROUND(CAST(SUM(minutes_watched) AS NUMERIC) / 60, 2) AS hours,
    ROUND(AVG(CAST(score_100 AS NUMERIC)), 4) AS mean_score,
    COUNT(score_100) AS scored
  FROM `anilist_ref.entry_day`
  WHERE reference_date = _run_date
  GROUP BY user_id;

  SET _tests = [
    STRUCT('primary_key(user_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(user_id IS NULL) AS missing FROM built_rows GROUP BY user_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('every entry has a status that is counted', 'stop', (SELECT COUNTIF(NOT (entries = `current` + planning + completed + dropped + paused + repeating)) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_dmt.overview', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_dmt.overview failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.overview` WHERE reference_date = _run_date;

  INSERT INTO `anilist_dmt.overview` (user_id, entries, `current`, planning, completed, dropped, paused, repeating, episodes, hours, mean_score, scored, reference_date, _load_id, _loaded_at)
  SELECT s.user_id, s.entries, s.`current`, s.planning, s.completed, s.dropped, s.paused, s.repeating, s.episodes, s.hours, s.mean_score, s.scored, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_dmt.overview', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
