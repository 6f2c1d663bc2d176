-- Profiles, one row per day
CREATE OR REPLACE PROCEDURE `anilist_tru.build_user__45462e2f`(
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
  WITH profiles AS (
    SELECT requested_at, _load_id, JSON_QUERY(payload, '$.data.User') AS profile
    FROM `anilist_raw.user`
    WHERE ingestion_date = _run_date AND http_status = 200
  )
  SELECT SAFE_CAST(JSON_VALUE(profile, '$.id') AS INT64) AS user_id,
    JSON_VALUE(profile, '$.name') AS name,
    JSON_VALUE(profile, '$.mediaListOptions.scoreFormat') AS score_format,
    IFNULL(JSON_VALUE_ARRAY(profile, '$.mediaListOptions.animeList.customLists'), ARRAY<STRING>[]) AS custom_lists
  FROM profiles
  WHERE SAFE_CAST(JSON_VALUE(profile, '$.id') AS INT64) IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY requested_at DESC, _load_id DESC) = 1;

  SET _tests = [
    STRUCT('primary_key(user_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(user_id IS NULL) AS missing FROM built_rows GROUP BY user_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('not_null(name)', 'stop', (SELECT COUNTIF(name IS NULL) FROM built_rows)),
    STRUCT('accepted_values(score_format)', 'warn', (SELECT COUNTIF(score_format NOT IN ('POINT_100', 'POINT_10_DECIMAL', 'POINT_10', 'POINT_5', 'POINT_3')) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_tru.user', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_tru.user failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_tru.user` WHERE reference_date = _run_date;

  INSERT INTO `anilist_tru.user` (user_id, name, score_format, custom_lists, reference_date, _load_id, _loaded_at)
  SELECT s.user_id, s.name, s.score_format, s.custom_lists, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_tru.user', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
