-- Scored anime of the profile per day, against the mean score of the community
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_you_vs_community__cd86c0d5`(
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
  -- An anime can stand on the list twice: one entry counts.
  WITH scored AS (
    SELECT media_id, title, score_100, community_score, community_difference AS difference
    FROM `anilist_ref.entry_day`
    WHERE reference_date = _run_date AND community_difference IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY media_id ORDER BY entry_id) = 1
  )
  SELECT media_id, title, score_100, community_score, difference,
    RANK() OVER (ORDER BY ABS(difference) DESC) AS position
  FROM scored;

  SET _tests = [
    STRUCT('primary_key(media_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(media_id IS NULL) AS missing FROM built_rows GROUP BY media_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('difference is the difference', 'stop', (SELECT COUNTIF(NOT (difference = score_100 - community_score)) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_dmt.you_vs_community', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_dmt.you_vs_community failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.you_vs_community` WHERE reference_date = _run_date;

  INSERT INTO `anilist_dmt.you_vs_community` (media_id, title, score_100, community_score, difference, position, reference_date, _load_id, _loaded_at)
  SELECT s.media_id, s.title, s.score_100, s.community_score, s.difference, s.position, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_dmt.you_vs_community', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
