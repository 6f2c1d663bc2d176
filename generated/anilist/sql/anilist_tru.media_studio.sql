-- Studios of the anime on the list
CREATE OR REPLACE PROCEDURE `anilist_tru.build_media_studio__c6e33833`(
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

    listed_media AS (
      SELECT media_id, JSON_QUERY(entry, '$.media') AS media,
        COALESCE(JSON_VALUE(entry, '$.media.title.romaji'), JSON_VALUE(entry, '$.media.title.english'),
          JSON_VALUE(entry, '$.media.title.native'), JSON_VALUE(entry, '$.media.title.userPreferred')) IS NOT NULL
          AND JSON_QUERY_ARRAY(entry, '$.media.genres') IS NOT NULL AS described
      FROM checked
      WHERE rule IS NULL
      QUALIFY ROW_NUMBER() OVER (
        PARTITION BY media_id ORDER BY described DESC, custom, chunk, list_position, entry_position) = 1
    ),
    asked_media AS (
      SELECT SAFE_CAST(JSON_VALUE(item, '$.id') AS INT64) AS media_id, item
      FROM `anilist_raw.media` AS r
      CROSS JOIN UNNEST(JSON_QUERY_ARRAY(r.payload, '$.data.Page.media')) AS item
      WHERE r.ingestion_date <= _run_date AND r.http_status = 200
      QUALIFY ROW_NUMBER() OVER (PARTITION BY media_id ORDER BY r.requested_at DESC, r._load_id DESC, r.chunk) = 1
    ),
    media_json AS (
      SELECT l.media_id, IF(l.described OR a.item IS NULL, l.media, a.item) AS media
      FROM listed_media AS l
      LEFT JOIN asked_media AS a ON a.media_id = l.media_id
      WHERE COALESCE(JSON_VALUE(a.item, '$.id'), JSON_VALUE(l.media, '$.id')) IS NOT NULL
    ),

    media_studio AS (
      SELECT media_id,
        SAFE_CAST(JSON_VALUE(edge, '$.node.id') AS INT64) AS studio_id,
        MAX(JSON_VALUE(edge, '$.node.name')) AS name,
        LOGICAL_OR(IFNULL(SAFE_CAST(JSON_VALUE(edge, '$.isMain') AS BOOL), FALSE)) AS main
      FROM media_json
      LEFT JOIN UNNEST(JSON_QUERY_ARRAY(media, '$.studios.edges')) AS edge
      GROUP BY media_id, studio_id
    )
  SELECT media_id, studio_id, name, main FROM media_studio;

  SET _tests = [
    STRUCT('primary_key(media_id, studio_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(media_id IS NULL OR studio_id IS NULL) AS missing FROM (SELECT * FROM built_rows WHERE studio_id IS NOT NULL) GROUP BY media_id, studio_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('relationship(media_id -> anilist_tru.media.media_id)', 'stop', (SELECT COUNT(*) FROM (SELECT * FROM built_rows WHERE studio_id IS NOT NULL) AS r
      WHERE r.media_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM `anilist_tru.media` AS o WHERE o.media_id = r.media_id)))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_tru.media_studio', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_tru.media_studio failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  CREATE TEMP TABLE source_rows AS
  SELECT media_id, studio_id, name, main
  FROM built_rows AS b
  WHERE NOT EXISTS (SELECT 1 FROM `anilist_tru.media_studio` AS n WHERE n.reference_date > _run_date AND n.media_id = b.media_id);

  DELETE FROM `anilist_tru.media_studio` AS t
  WHERE EXISTS (
      SELECT 1
      FROM (SELECT media_id FROM source_rows GROUP BY media_id) AS g
      WHERE g.media_id = t.media_id);

  INSERT INTO `anilist_tru.media_studio` (media_id, studio_id, name, main, reference_date, _load_id, _loaded_at)
  SELECT s.media_id, s.studio_id, s.name, s.main, _run_date, _run_load_id, _run_time
  FROM source_rows AS s
  WHERE s.studio_id IS NOT NULL;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_tru.media_studio', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
