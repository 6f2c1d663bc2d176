-- Refused sales by rule
CREATE OR REPLACE PROCEDURE `shop_dmt.build_rejected__025c689a`(
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
  SELECT rule, COUNT(*) AS total FROM `shop_tru.rejected` GROUP BY rule;

  SET _tests = [
    STRUCT('primary_key(rule)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(rule IS NULL) AS missing FROM built_rows GROUP BY rule) WHERE n > 1 OR missing) AS failing),
    STRUCT('not_null(rule)', 'warn', (SELECT COUNTIF(rule IS NULL) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `models_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'shop_dmt.rejected', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of shop_dmt.rejected failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `shop_dmt.rejected` WHERE day = _run_date;

  INSERT INTO `shop_dmt.rejected` (rule, total, day, _load_id, _loaded_at)
  SELECT s.rule, s.total, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `models_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'shop_dmt.rejected', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
