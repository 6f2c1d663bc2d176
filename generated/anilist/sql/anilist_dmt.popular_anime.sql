-- Anime on the profile per day, by popularity on AniList
CREATE OR REPLACE PROCEDURE `anilist_dmt.build_popular_anime__2ac7a304`(
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
  -- An anime can stand on the list twice: the entry with a score counts.
  WITH anime AS (
    SELECT media_id, title, popularity, favourites, score_100
    FROM `anilist_ref.entry_day`
    WHERE reference_date = _run_date
    QUALIFY ROW_NUMBER() OVER (PARTITION BY media_id ORDER BY score_100 IS NULL, entry_id) = 1
  )
  SELECT media_id, title, popularity, favourites, score_100,
    RANK() OVER (ORDER BY popularity DESC) AS position
  FROM anime;

  SET _tests = [
    STRUCT('primary_key(media_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(media_id IS NULL) AS missing FROM built_rows GROUP BY media_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('not_null(title)', 'warn', (SELECT COUNTIF(title IS NULL) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_dmt.popular_anime', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_dmt.popular_anime failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_dmt.popular_anime` WHERE reference_date = _run_date;

  INSERT INTO `anilist_dmt.popular_anime` (media_id, title, popularity, favourites, score_100, position, reference_date, _load_id, _loaded_at)
  SELECT s.media_id, s.title, s.popularity, s.favourites, s.score_100, s.position, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_dmt.popular_anime', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
