-- Watched anime (COMPLETED, REPEATING) per genre and day
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_genre__18fb06e8`(
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
  SELECT genre, COUNT(*) AS watched, SUM(e.minutes_watched) AS minutes,
    ROUND(AVG(CAST(e.score_100 AS NUMERIC)), 4) AS mean_score,
    ROUND(AVG(CAST(e.community_score AS NUMERIC)), 4) AS community_score,
    RANK() OVER (ORDER BY COUNT(*) DESC) AS position
  FROM `anilist_ref.entry_day` AS e
  CROSS JOIN UNNEST(e.genres) AS genre
  WHERE e.reference_date = _run_date AND e.status IN ('COMPLETED', 'REPEATING')
  GROUP BY genre;

  SET _tests = [
    STRUCT('primary_key(genre)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(genre IS NULL) AS missing FROM built_rows GROUP BY genre) WHERE n > 1 OR missing) AS failing),
    STRUCT('means are scores', 'stop', (SELECT COUNTIF(NOT (mean_score BETWEEN 1 AND 100 AND community_score BETWEEN 0 AND 100)) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_dmt.genre', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_dmt.genre failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.genre` WHERE reference_date = _run_date;

  INSERT INTO `anilist_dmt.genre` (genre, watched, minutes, mean_score, community_score, position, reference_date, _load_id, _loaded_at)
  SELECT s.genre, s.watched, s.minutes, s.mean_score, s.community_score, s.position, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_dmt.genre', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
