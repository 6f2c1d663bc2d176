-- States of the entries of the profile, with the snapshots from and up to which they held
CREATE OR REPLACE PROCEDURE `anilist_ref.build_entry_history__3294d9c9`(
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
  WITH known AS (
    SELECT entry_id, user_id, status, score_100, progress, reference_date,
      -- After a complete snapshot no entry is active that it lacks.
      COUNTIF(active AND reference_date < _run_date) OVER (PARTITION BY user_id) = 0 AS complete
    FROM `anilist_tru.entry`
    WHERE active
  )
  SELECT entry_id, user_id, status, score_100, progress, complete AS _complete
  FROM known
  WHERE reference_date = _run_date;

  SET _tests = [
    STRUCT('primary_key(entry_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(entry_id IS NULL) AS missing FROM built_rows GROUP BY entry_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('accepted_values(status)', 'stop', (SELECT COUNTIF(status NOT IN ('CURRENT', 'PLANNING', 'COMPLETED', 'DROPPED', 'PAUSED', 'REPEATING')) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_ref.entry_history', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_ref.entry_history failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  CREATE TEMP TABLE source_rows AS
  SELECT entry_id, user_id, status, score_100, progress, _complete, TO_HEX(SHA256(TO_JSON_STRING(STRUCT(user_id, status, score_100, progress)))) AS row_hash
  FROM built_rows AS b
  WHERE NOT EXISTS (SELECT 1 FROM `anilist_ref.entry_history` AS n WHERE n.reference_date > _run_date AND n.user_id = b.user_id);

  DELETE FROM `anilist_ref.entry_history` AS t
  WHERE t.valid_from = TIMESTAMP(_run_date) AND t.reference_date = _run_date AND EXISTS (SELECT 1 FROM source_rows AS g WHERE g.user_id = t.user_id);

  UPDATE `anilist_ref.entry_history` AS t
  SET valid_to = NULL, is_current = TRUE, _load_id = _run_load_id, _loaded_at = _run_time
  WHERE t.valid_to = TIMESTAMP(_run_date) AND EXISTS (SELECT 1 FROM source_rows AS g WHERE g.user_id = t.user_id)
    AND NOT EXISTS (SELECT 1 FROM `anilist_ref.entry_history` AS n WHERE n.entry_id = t.entry_id AND n.valid_from >= TIMESTAMP(_run_date));

  UPDATE `anilist_ref.entry_history` AS t
  SET valid_to = TIMESTAMP(_run_date), is_current = FALSE, _load_id = _run_load_id, _loaded_at = _run_time
  WHERE t.is_current AND (EXISTS (SELECT 1 FROM source_rows AS s WHERE s.entry_id = t.entry_id) OR EXISTS (
      SELECT 1
      FROM (SELECT user_id FROM source_rows GROUP BY user_id HAVING LOGICAL_AND(_complete)) AS g
      WHERE g.user_id = t.user_id))
    AND NOT EXISTS (
      SELECT 1 FROM source_rows AS s WHERE s.entry_id = t.entry_id AND s.row_hash IS NOT DISTINCT FROM t.row_hash);

  UPDATE `anilist_ref.entry_history` AS t
  SET reference_date = _run_date
  WHERE t.is_current AND t.reference_date < _run_date
    AND EXISTS (
      SELECT 1 FROM source_rows AS s WHERE s.entry_id = t.entry_id AND s.row_hash IS NOT DISTINCT FROM t.row_hash);

  INSERT INTO `anilist_ref.entry_history` (entry_id, user_id, status, score_100, progress, row_hash, valid_from, valid_to, is_current, reference_date, _load_id, _loaded_at)
  SELECT s.entry_id, s.user_id, s.status, s.score_100, s.progress, s.row_hash, TIMESTAMP(_run_date), NULL, TRUE, _run_date, _run_load_id, _run_time
  FROM source_rows AS s
  WHERE NOT EXISTS (SELECT 1 FROM `anilist_ref.entry_history` AS t WHERE t.entry_id = s.entry_id AND t.is_current);

  SET _tests = ARRAY_CONCAT(_tests, [
    STRUCT('a state ends after it begins on the table' AS test, 'stop' AS severity, (SELECT COUNTIF(NOT (valid_to > valid_from)) FROM `anilist_ref.entry_history`) AS failing),
    STRUCT('what holds has no end on the table', 'stop', (SELECT COUNTIF(NOT (is_current = (valid_to IS NULL))) FROM `anilist_ref.entry_history`))]);

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    ROLLBACK TRANSACTION;
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_ref.entry_history', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_ref.entry_history failed (rows): ', _stopped);
  END IF;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_ref.entry_history', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
