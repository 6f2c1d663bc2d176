-- Entries on the profile per day, one row per studio
CREATE OR REPLACE PROCEDURE `anilist_ref.build_entry_studio__4223e3b0`(
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
  SELECT e.entry_id, s.studio_id, s.name AS studio, s.main, e.media_id, e.status, e.score_100, e.minutes_watched
  FROM `anilist_ref.entry_day` AS e
  CROSS JOIN UNNEST(e.studios) AS s
  WHERE e.reference_date = _run_date;

  SET _tests = [
    STRUCT('primary_key(entry_id, studio_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(entry_id IS NULL OR studio_id IS NULL) AS missing FROM built_rows GROUP BY entry_id, studio_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('accepted_values(status)', 'stop', (SELECT COUNTIF(status NOT IN ('CURRENT', 'PLANNING', 'COMPLETED', 'DROPPED', 'PAUSED', 'REPEATING')) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_ref.entry_studio', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_ref.entry_studio failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_ref.entry_studio` WHERE reference_date = _run_date;

  INSERT INTO `anilist_ref.entry_studio` (entry_id, studio_id, studio, main, media_id, status, score_100, minutes_watched, reference_date, _load_id, _loaded_at)
  SELECT s.entry_id, s.studio_id, s.studio, s.main, s.media_id, s.status, s.score_100, s.minutes_watched, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_ref.entry_studio', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
