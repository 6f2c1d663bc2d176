-- Entries of the profile, latest state, one row each; inactive once a complete snapshot lacks them
CREATE OR REPLACE PROCEDURE `anilist_tru.build_entry__91531d7d`(
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

  CREATE TEMP TABLE checked_rows AS
  WITH
    loads AS (
      SELECT user, _load_id, MAX(requested_at) AS requested_at,
        COUNTIF(NOT has_next) = 1 AND COUNT(DISTINCT chunk) = MAX(chunk) AS complete
      FROM `anilist_raw.list`
      WHERE ingestion_date = _run_date AND type = 'ANIME' AND http_status = 200
      GROUP BY user, _load_id
    ),
    newest AS (
      SELECT user, _load_id, complete
      FROM loads
      WHERE TRUE
      QUALIFY ROW_NUMBER() OVER (PARTITION BY user ORDER BY requested_at DESC, _load_id DESC) = 1
    ),
    chunks AS (
      SELECT r.object, r.chunk, n.complete,
        SAFE_CAST(JSON_VALUE(r.payload, '$.data.MediaListCollection.user.id') AS INT64) AS list_user_id,
        JSON_VALUE(r.payload, '$.data.MediaListCollection.user.mediaListOptions.scoreFormat') AS score_format,
        JSON_QUERY_ARRAY(r.payload, '$.data.MediaListCollection.lists') AS lists
      FROM `anilist_raw.list` AS r
      JOIN newest AS n ON n.user = r.user AND n._load_id = r._load_id
      WHERE r.ingestion_date = _run_date
    ),
    lists AS (
      SELECT object, chunk, complete, list_user_id, score_format, list_position,
        JSON_VALUE(list, '$.name') AS list_name,
        IFNULL(SAFE_CAST(JSON_VALUE(list, '$.isCustomList') AS BOOL), FALSE) AS custom,
        JSON_QUERY_ARRAY(list, '$.entries') AS entries
      FROM chunks
      CROSS JOIN UNNEST(chunks.lists) AS list WITH OFFSET AS list_position
    ),
    listed AS (
      SELECT object, chunk, complete, list_user_id, score_format, list_position, list_name, custom, entry_position,
        entry
      FROM lists
      CROSS JOIN UNNEST(lists.entries) AS entry WITH OFFSET AS entry_position
    ),
    typed AS (
      SELECT object, chunk, complete, custom, list_name, entry, list_position, entry_position, score_format,
        ROW_NUMBER() OVER (PARTITION BY object ORDER BY list_position, entry_position) - 1 AS position,
        SAFE_CAST(JSON_VALUE(entry, '$.id') AS INT64) AS entry_id,
        COALESCE(SAFE_CAST(JSON_VALUE(entry, '$.userId') AS INT64), list_user_id) AS user_id,
        COALESCE(
          SAFE_CAST(JSON_VALUE(entry, '$.mediaId') AS INT64),
          SAFE_CAST(JSON_VALUE(entry, '$.media.id') AS INT64)
        ) AS media_id,
        JSON_VALUE(entry, '$.status') AS status,
        SAFE_CAST(JSON_VALUE(entry, '$.score') AS NUMERIC) AS score,
        SAFE_CAST(JSON_VALUE(entry, '$.score100') AS NUMERIC) AS score_as_100,
        SAFE_CAST(JSON_VALUE(entry, '$.progress') AS INT64) AS progress,
        SAFE_CAST(JSON_VALUE(entry, '$.repeat') AS INT64) AS repeats
      FROM listed
    ),
    checked AS (
      SELECT *,
        CASE
          WHEN entry_id IS NULL THEN 'entry_without_id'
          WHEN user_id IS NULL THEN 'entry_without_user'
          WHEN media_id IS NULL THEN 'entry_without_media'
          WHEN status IS NULL THEN 'entry_without_status'
          WHEN status NOT IN ('CURRENT', 'PLANNING', 'COMPLETED', 'DROPPED', 'PAUSED', 'REPEATING') THEN 'unknown_status'
          WHEN JSON_VALUE(entry, '$.score') IS NOT NULL AND score IS NULL
            OR JSON_VALUE(entry, '$.score100') IS NOT NULL AND score_as_100 IS NULL THEN 'score_not_a_number'
          WHEN score < 0 OR score > 100 OR score_as_100 < 0 OR score_as_100 > 100 THEN 'score_out_of_range'
          WHEN progress < 0 OR repeats < 0 THEN 'negative_count'
        END AS rule
      FROM typed
    ),

    one_each AS (
      SELECT *
      FROM checked
      WHERE TRUE
      QUALIFY rule IS NOT NULL OR ROW_NUMBER() OVER (
        PARTITION BY rule IS NULL, entry_id
        ORDER BY SAFE_CAST(JSON_VALUE(entry, '$.updatedAt') AS INT64) DESC, custom, chunk, list_position, entry_position
      ) = 1
    ),
    dated AS (
      SELECT *,
        STRUCT(
          SAFE_CAST(JSON_VALUE(JSON_QUERY(entry, '$.startedAt'), '$.year') AS INT64) AS year,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(entry, '$.startedAt'), '$.month') AS INT64) AS month,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(entry, '$.startedAt'), '$.day') AS INT64) AS day) AS started,
        STRUCT(
          SAFE_CAST(JSON_VALUE(JSON_QUERY(entry, '$.completedAt'), '$.year') AS INT64) AS year,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(entry, '$.completedAt'), '$.month') AS INT64) AS month,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(entry, '$.completedAt'), '$.day') AS INT64) AS day) AS completed
      FROM one_each
    ),
    entries AS (
      SELECT entry_id, user_id, media_id, status,
        CAST(NULLIF(ROUND(COALESCE(score_as_100,
          CASE score_format
            WHEN 'POINT_100' THEN score
            WHEN 'POINT_10_DECIMAL' THEN score * 10
            WHEN 'POINT_10' THEN score * 10
            WHEN 'POINT_5' THEN score * 20
            WHEN 'POINT_3' THEN CASE WHEN score = 1 THEN 35 WHEN score = 2 THEN 60 WHEN score = 3 THEN 85 ELSE 0 END
          END)), 0) AS INT64) AS score_100,
        NULLIF(score, 0) AS score_original,
        score_format,
        IFNULL(progress, 0) AS progress,
        IFNULL(repeats, 0) AS repeats,
        JSON_VALUE(entry, '$.notes') AS notes,
        IFNULL(SAFE_CAST(JSON_VALUE(entry, '$.hiddenFromStatusLists') AS BOOL), FALSE) AS hidden,
        started,
        COALESCE(
          SAFE.DATE(started.year, started.month, started.day),
          SAFE.DATE(started.year, started.month, 1),
          SAFE.DATE(started.year, 1, 1)) AS started_date,
        CASE
          WHEN SAFE.DATE(started.year, started.month, started.day) IS NOT NULL THEN 'day'
          WHEN SAFE.DATE(started.year, started.month, 1) IS NOT NULL THEN 'month'
          WHEN SAFE.DATE(started.year, 1, 1) IS NOT NULL THEN 'year'
          ELSE 'none'
        END AS started_precision,
        completed,
        COALESCE(
          SAFE.DATE(completed.year, completed.month, completed.day),
          SAFE.DATE(completed.year, completed.month, 1),
          SAFE.DATE(completed.year, 1, 1)) AS completed_date,
        CASE
          WHEN SAFE.DATE(completed.year, completed.month, completed.day) IS NOT NULL THEN 'day'
          WHEN SAFE.DATE(completed.year, completed.month, 1) IS NOT NULL THEN 'month'
          WHEN SAFE.DATE(completed.year, 1, 1) IS NOT NULL THEN 'year'
          ELSE 'none'
        END AS completed_precision,
        TIMESTAMP_SECONDS(NULLIF(SAFE_CAST(JSON_VALUE(entry, '$.createdAt') AS INT64), 0)) AS created_at,
        TIMESTAMP_SECONDS(NULLIF(SAFE_CAST(JSON_VALUE(entry, '$.updatedAt') AS INT64), 0)) AS updated_at,
        complete, rule, object, position, entry
      FROM dated
    )
  SELECT entry_id, user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden,
    started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at,
    complete AND COUNTIF(rule IS NULL) OVER (PARTITION BY user_id) < 11000 AS _complete,
    rule AS _rule, _run_id AS load, object, position, entry AS record
  FROM entries;

  CREATE TEMP TABLE built_rows AS
  SELECT entry_id, user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden, started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at, _complete FROM checked_rows WHERE _rule IS NULL;

  SET _tests = [
    STRUCT('primary_key(entry_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(entry_id IS NULL) AS missing FROM built_rows GROUP BY entry_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('not_null(user_id)', 'stop', (SELECT COUNTIF(user_id IS NULL) FROM built_rows)),
    STRUCT('not_null(media_id)', 'stop', (SELECT COUNTIF(media_id IS NULL) FROM built_rows)),
    STRUCT('accepted_values(status)', 'stop', (SELECT COUNTIF(status NOT IN ('CURRENT', 'PLANNING', 'COMPLETED', 'DROPPED', 'PAUSED', 'REPEATING')) FROM built_rows)),
    STRUCT('score_100 is 1 to 100', 'stop', (SELECT COUNTIF(NOT (score_100 BETWEEN 1 AND 100)) FROM built_rows)),
    STRUCT('accepted_values(started_precision)', 'stop', (SELECT COUNTIF(started_precision NOT IN ('none', 'year', 'month', 'day')) FROM built_rows)),
    STRUCT('accepted_values(completed_precision)', 'stop', (SELECT COUNTIF(completed_precision NOT IN ('none', 'year', 'month', 'day')) FROM built_rows)),
    STRUCT('completed is not before started', 'warn', (SELECT COUNTIF(NOT (completed_date >= started_date)) FROM built_rows)),
    STRUCT('row_count(1 to any)', 'stop', (SELECT IF(COUNT(*) >= 1, 0, 1) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_tru.entry', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), (SELECT COUNT(*) FROM checked_rows WHERE _rule IS NOT NULL), _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_tru.entry failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  CREATE TEMP TABLE source_rows AS
  SELECT entry_id, user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden, started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at, _complete, TO_HEX(SHA256(TO_JSON_STRING(STRUCT(user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden, started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at)))) AS row_hash, _newer
  FROM built_rows
  LEFT JOIN (
    SELECT user_id, MIN(reference_date) AS _newer
    FROM `anilist_tru.entry` WHERE reference_date > _run_date GROUP BY user_id)
  USING (user_id);

  MERGE `anilist_tru.entry` AS t
  USING source_rows AS s
  ON t.entry_id = s.entry_id
  WHEN MATCHED AND _run_date >= t.reference_date AND (t.row_hash IS DISTINCT FROM s.row_hash OR (NOT t.active AND TIMESTAMP(_run_date) >= t.removed_at)) THEN UPDATE SET
    user_id = s.user_id,
    media_id = s.media_id,
    status = s.status,
    score_100 = s.score_100,
    score_original = s.score_original,
    score_format = s.score_format,
    progress = s.progress,
    repeats = s.repeats,
    notes = s.notes,
    hidden = s.hidden,
    started = s.started,
    started_date = s.started_date,
    started_precision = s.started_precision,
    completed = s.completed,
    completed_date = s.completed_date,
    completed_precision = s.completed_precision,
    created_at = s.created_at,
    updated_at = s.updated_at,
    row_hash = s.row_hash,
    active = t.active OR TIMESTAMP(_run_date) >= t.removed_at,
    removed_at = IF(TIMESTAMP(_run_date) >= t.removed_at, NULL, t.removed_at),
    reference_date = GREATEST(t.reference_date, _run_date),
    _load_id = _run_load_id,
    _loaded_at = _run_time
  WHEN MATCHED AND _run_date > t.reference_date THEN UPDATE SET reference_date = _run_date
  WHEN NOT MATCHED THEN INSERT (
    entry_id, user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden, started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at, row_hash, active, removed_at, reference_date, _load_id, _loaded_at)
  VALUES (
    s.entry_id, s.user_id, s.media_id, s.status, s.score_100, s.score_original, s.score_format, s.progress, s.repeats, s.notes, s.hidden, s.started, s.started_date, s.started_precision, s.completed, s.completed_date, s.completed_precision, s.created_at, s.updated_at, s.row_hash, s._newer IS NULL, TIMESTAMP(s._newer), _run_date, _run_load_id, _run_time);

  UPDATE `anilist_tru.entry` AS t
  SET active = FALSE, removed_at = TIMESTAMP(_run_date),
    _load_id = _run_load_id, _loaded_at = _run_time
  WHERE t.active AND t.reference_date < _run_date
    AND NOT EXISTS (SELECT 1 FROM source_rows AS s WHERE s.entry_id = t.entry_id)
    AND EXISTS (
      SELECT 1
      FROM (SELECT user_id FROM source_rows GROUP BY user_id HAVING LOGICAL_AND(_complete)) AS g
      WHERE g.user_id = t.user_id);

  DELETE FROM `anilist_tru.rejected` WHERE reference_date = _run_date;

  INSERT INTO `anilist_tru.rejected` (load, object, position, record, rule, reference_date, _load_id, _loaded_at)
  SELECT load, object, position, record, _rule, _run_date, _run_load_id, _run_time
  FROM checked_rows
  WHERE _rule IS NOT NULL;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_tru.entry', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), (SELECT COUNT(*) FROM checked_rows WHERE _rule IS NOT NULL), _tests, _run_time);
END;
