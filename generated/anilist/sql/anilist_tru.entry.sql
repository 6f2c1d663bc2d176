-- Entries of the profile, latest state, one row each; inactive once a complete snapshot lacks them
CREATE OR REPLACE PROCEDURE `anilist_tru.build_entry__6afcc8d2`(
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
  DECLARE today DATE DEFAULT reference_date;
  DECLARE this_load STRING DEFAULT load_id;
  DECLARE this_time TIMESTAMP DEFAULT run_time;

  CREATE TEMP TABLE snapshot AS
  WITH

    loads AS (
      SELECT user, _load_id, MAX(requested_at) AS requested_at,
        COUNTIF(NOT has_next) = 1 AND COUNT(DISTINCT chunk) = MAX(chunk) AS complete
      FROM `anilist_raw.list`
      WHERE ingestion_date = today AND type = 'ANIME' AND http_status = 200
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
      WHERE r.ingestion_date = today
    ),
    lists AS (
      SELECT object, chunk, complete, list_user_id, score_format, list_position,
        IFNULL(SAFE_CAST(JSON_VALUE(list, '$.isCustomList') AS BOOL), FALSE) AS custom,
        JSON_QUERY_ARRAY(list, '$.entries') AS entries
      FROM chunks
      CROSS JOIN UNNEST(chunks.lists) AS list WITH OFFSET AS list_position
    ),
    listed AS (
      SELECT object, chunk, complete, list_user_id, score_format, list_position, custom, entry_position, entry
      FROM lists
      CROSS JOIN UNNEST(lists.entries) AS entry WITH OFFSET AS entry_position
    ),
    typed AS (
      SELECT object, chunk, complete, custom, entry, list_position, entry_position, score_format,
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
      WHERE rule IS NULL
      QUALIFY ROW_NUMBER() OVER (
        PARTITION BY entry_id
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
        complete
      FROM dated
    )
  SELECT *,
    TO_HEX(SHA256(TO_JSON_STRING(STRUCT(
      user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden,
      started, completed, created_at, updated_at)))) AS row_hash
  FROM entries;

  BEGIN TRANSACTION;

  -- Newer state is never overwritten by an older day, the news that an entry is gone included; the reference date of
  -- every entry still held moves on.
  MERGE `anilist_tru.entry` AS t
  USING snapshot AS s
  ON t.entry_id = s.entry_id
  WHEN MATCHED AND today >= t.reference_date
    AND (t.row_hash != s.row_hash OR (NOT t.active AND today >= DATE(t.removed_at))) THEN UPDATE SET
    user_id = s.user_id, media_id = s.media_id, status = s.status, score_100 = s.score_100,
    score_original = s.score_original, score_format = s.score_format, progress = s.progress, repeats = s.repeats,
    notes = s.notes, hidden = s.hidden, started = s.started, started_date = s.started_date,
    started_precision = s.started_precision, completed = s.completed, completed_date = s.completed_date,
    completed_precision = s.completed_precision, created_at = s.created_at, updated_at = s.updated_at,
    row_hash = s.row_hash, active = t.active OR today >= DATE(t.removed_at),
    removed_at = IF(today >= DATE(t.removed_at), NULL, t.removed_at), reference_date = today,
    _load_id = this_load, _loaded_at = this_time
  WHEN MATCHED AND today > t.reference_date THEN UPDATE SET reference_date = today
  WHEN NOT MATCHED THEN INSERT (
    entry_id, user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden,
    started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at,
    row_hash, active, removed_at, reference_date, _load_id, _loaded_at)
  VALUES (
    s.entry_id, s.user_id, s.media_id, s.status, s.score_100, s.score_original, s.score_format, s.progress, s.repeats,
    s.notes, s.hidden, s.started, s.started_date, s.started_precision, s.completed, s.completed_date,
    s.completed_precision, s.created_at, s.updated_at, s.row_hash, TRUE, NULL, today, this_load, this_time);

  -- Only a complete snapshot can tell that an entry is gone; the API gives 11,000 entries at most.
  UPDATE `anilist_tru.entry`
  SET active = FALSE, removed_at = TIMESTAMP(today), _load_id = this_load, _loaded_at = this_time
  WHERE active AND reference_date < today
    AND user_id IN (SELECT user_id FROM snapshot WHERE complete GROUP BY user_id HAVING COUNT(*) < 11000)
    AND entry_id NOT IN (SELECT entry_id FROM snapshot);

  COMMIT TRANSACTION;
END;
