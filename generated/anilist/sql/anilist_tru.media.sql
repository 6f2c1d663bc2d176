-- Anime on the list, latest catalogue values, one row each
CREATE OR REPLACE PROCEDURE `anilist_tru.build_media__1b052be4`(
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

    media_dated AS (
      SELECT media_id, media AS item,
        STRUCT(
          SAFE_CAST(JSON_VALUE(JSON_QUERY(media, '$.startDate'), '$.year') AS INT64) AS year,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(media, '$.startDate'), '$.month') AS INT64) AS month,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(media, '$.startDate'), '$.day') AS INT64) AS day) AS started,
        STRUCT(
          SAFE_CAST(JSON_VALUE(JSON_QUERY(media, '$.endDate'), '$.year') AS INT64) AS year,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(media, '$.endDate'), '$.month') AS INT64) AS month,
          SAFE_CAST(JSON_VALUE(JSON_QUERY(media, '$.endDate'), '$.day') AS INT64) AS day) AS ended
      FROM media_json
    ),
    media AS (
      SELECT media_id,
        SAFE_CAST(JSON_VALUE(item, '$.idMal') AS INT64) AS id_mal,
        -- A title in none of the three spellings still has the one that the site shows.
        STRUCT(
          IF(JSON_VALUE(item, '$.title.english') IS NULL AND JSON_VALUE(item, '$.title.native') IS NULL,
            COALESCE(JSON_VALUE(item, '$.title.romaji'), JSON_VALUE(item, '$.title.userPreferred')),
            JSON_VALUE(item, '$.title.romaji')) AS romaji,
          JSON_VALUE(item, '$.title.english') AS english,
          JSON_VALUE(item, '$.title.native') AS native) AS title,
        JSON_VALUE(item, '$.format') AS format,
        JSON_VALUE(item, '$.status') AS status,
        JSON_VALUE(item, '$.season') AS season,
        SAFE_CAST(JSON_VALUE(item, '$.seasonYear') AS INT64) AS season_year,
        SAFE_CAST(JSON_VALUE(item, '$.episodes') AS INT64) AS episodes,
        SAFE_CAST(JSON_VALUE(item, '$.duration') AS INT64) AS duration_minutes,
        JSON_VALUE(item, '$.source') AS source,
        JSON_VALUE(item, '$.countryOfOrigin') AS country,
        SAFE_CAST(JSON_VALUE(item, '$.isAdult') AS BOOL) AS adult,
        SAFE_CAST(JSON_VALUE(item, '$.meanScore') AS INT64) AS mean_score,
        SAFE_CAST(JSON_VALUE(item, '$.averageScore') AS INT64) AS weighted_score,
        SAFE_CAST(JSON_VALUE(item, '$.popularity') AS INT64) AS popularity,
        SAFE_CAST(JSON_VALUE(item, '$.favourites') AS INT64) AS favourites,
        JSON_VALUE(item, '$.description') AS description_html,
        TRIM(REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(JSON_VALUE(item, '$.description'),
          r'(?i)<br\s*/?>', ' '), r'<[^>]+>', ''), r'\s+', ' ')) AS description_text,
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
        ended,
        COALESCE(
          SAFE.DATE(ended.year, ended.month, ended.day),
          SAFE.DATE(ended.year, ended.month, 1),
          SAFE.DATE(ended.year, 1, 1)) AS ended_date,
        CASE
          WHEN SAFE.DATE(ended.year, ended.month, ended.day) IS NOT NULL THEN 'day'
          WHEN SAFE.DATE(ended.year, ended.month, 1) IS NOT NULL THEN 'month'
          WHEN SAFE.DATE(ended.year, 1, 1) IS NOT NULL THEN 'year'
          ELSE 'none'
        END AS ended_precision,
        TIMESTAMP_SECONDS(NULLIF(SAFE_CAST(JSON_VALUE(item, '$.updatedAt') AS INT64), 0)) AS updated_at
      FROM media_dated
    )
  SELECT * FROM media;

  SET _tests = [
    STRUCT('primary_key(media_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(media_id IS NULL) AS missing FROM built_rows GROUP BY media_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('scores are 0 to 100', 'stop', (SELECT COUNTIF(NOT (mean_score BETWEEN 0 AND 100 AND weighted_score BETWEEN 0 AND 100)) FROM built_rows)),
    STRUCT('has a title', 'warn', (SELECT COUNTIF(NOT (COALESCE(title.romaji, title.english, title.native) IS NOT NULL)) FROM built_rows)),
    STRUCT('accepted_values(format)', 'warn', (SELECT COUNTIF(format NOT IN ('TV', 'TV_SHORT', 'MOVIE', 'SPECIAL', 'OVA', 'ONA', 'MUSIC', 'MANGA', 'NOVEL', 'ONE_SHOT')) FROM built_rows)),
    STRUCT('episodes and minutes are not negative', 'stop', (SELECT COUNTIF(NOT (episodes >= 0 AND duration_minutes >= 0)) FROM built_rows))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_tru.media', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_tru.media failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  CREATE TEMP TABLE source_rows AS
  SELECT media_id, id_mal, title, format, status, season, season_year, episodes, duration_minutes, source, country, adult, mean_score, weighted_score, popularity, favourites, description_html, description_text, started, started_date, started_precision, ended, ended_date, ended_precision, updated_at, TO_HEX(SHA256(TO_JSON_STRING(STRUCT(id_mal, title, format, status, season, season_year, episodes, duration_minutes, source, country, adult, mean_score, weighted_score, popularity, favourites, description_html, description_text, started, started_date, started_precision, ended, ended_date, ended_precision, updated_at)))) AS row_hash
  FROM built_rows;

  MERGE `anilist_tru.media` AS t
  USING source_rows AS s
  ON t.media_id = s.media_id
  WHEN MATCHED AND _run_date >= t.reference_date AND (t.row_hash IS DISTINCT FROM s.row_hash) THEN UPDATE SET
    id_mal = s.id_mal,
    title = s.title,
    format = s.format,
    status = s.status,
    season = s.season,
    season_year = s.season_year,
    episodes = s.episodes,
    duration_minutes = s.duration_minutes,
    source = s.source,
    country = s.country,
    adult = s.adult,
    mean_score = s.mean_score,
    weighted_score = s.weighted_score,
    popularity = s.popularity,
    favourites = s.favourites,
    description_html = s.description_html,
    description_text = s.description_text,
    started = s.started,
    started_date = s.started_date,
    started_precision = s.started_precision,
    ended = s.ended,
    ended_date = s.ended_date,
    ended_precision = s.ended_precision,
    updated_at = s.updated_at,
    row_hash = s.row_hash,
    reference_date = GREATEST(t.reference_date, _run_date),
    _load_id = _run_load_id,
    _loaded_at = _run_time
  WHEN MATCHED AND _run_date > t.reference_date THEN UPDATE SET reference_date = _run_date
  WHEN NOT MATCHED THEN INSERT (
    media_id, id_mal, title, format, status, season, season_year, episodes, duration_minutes, source, country, adult, mean_score, weighted_score, popularity, favourites, description_html, description_text, started, started_date, started_precision, ended, ended_date, ended_precision, updated_at, row_hash, reference_date, _load_id, _loaded_at)
  VALUES (
    s.media_id, s.id_mal, s.title, s.format, s.status, s.season, s.season_year, s.episodes, s.duration_minutes, s.source, s.country, s.adult, s.mean_score, s.weighted_score, s.popularity, s.favourites, s.description_html, s.description_text, s.started, s.started_date, s.started_precision, s.ended, s.ended_date, s.ended_precision, s.updated_at, s.row_hash, _run_date, _run_load_id, _run_time);

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_tru.media', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
