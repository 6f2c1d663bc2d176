-- Entries on the profile per day, joined to their anime
CREATE OR REPLACE PROCEDURE `anilist_ref.build_entry_day__588d8fd7`(
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
    ),

    media_genre AS (
      SELECT DISTINCT media_id, genre
      FROM media_json
      LEFT JOIN UNNEST(JSON_VALUE_ARRAY(media, '$.genres')) AS genre
    ),

    media_studio AS (
      SELECT media_id,
        SAFE_CAST(JSON_VALUE(edge, '$.node.id') AS INT64) AS studio_id,
        MAX(JSON_VALUE(edge, '$.node.name')) AS name,
        LOGICAL_OR(IFNULL(SAFE_CAST(JSON_VALUE(edge, '$.isMain') AS BOOL), FALSE)) AS main
      FROM media_json
      LEFT JOIN UNNEST(JSON_QUERY_ARRAY(media, '$.studios.edges')) AS edge
      GROUP BY media_id, studio_id
    ),

    media_tag AS (
      SELECT media_id,
        SAFE_CAST(JSON_VALUE(tag, '$.id') AS INT64) AS tag_id,
        MAX(JSON_VALUE(tag, '$.name')) AS name,
        MAX(JSON_VALUE(tag, '$.category')) AS category,
        MAX(SAFE_CAST(JSON_VALUE(tag, '$.rank') AS INT64)) AS rank,
        LOGICAL_OR(
          IFNULL(SAFE_CAST(JSON_VALUE(tag, '$.isGeneralSpoiler') AS BOOL), FALSE)
          OR IFNULL(SAFE_CAST(JSON_VALUE(tag, '$.isMediaSpoiler') AS BOOL), FALSE)
        ) AS spoiler
      FROM media_json
      LEFT JOIN UNNEST(JSON_QUERY_ARRAY(media, '$.tags')) AS tag
      GROUP BY media_id, tag_id
    ),
  -- TRU holds the latest state: a day that it has left behind is read from RAW.
  state AS (
    SELECT COUNTIF(reference_date > _run_date) > 0 AS superseded FROM `anilist_tru.entry`
  ),
  day_entry AS (
    SELECT entry_id, user_id, media_id, status, score_100, progress, repeats,
      started_date, started_precision, completed_date, completed_precision
    FROM `anilist_tru.entry`
    CROSS JOIN state
    WHERE active AND reference_date <= _run_date AND NOT superseded
    UNION ALL
    SELECT entry_id, user_id, media_id, status, score_100, progress, repeats,
      started_date, started_precision, completed_date, completed_precision
    FROM entries
    CROSS JOIN state
    WHERE rule IS NULL AND superseded
  ),
  day_media AS (
    SELECT media_id, title, format, season_year, started, episodes, duration_minutes, mean_score, popularity, favourites
    FROM `anilist_tru.media`
    CROSS JOIN state
    WHERE NOT superseded
    UNION ALL
    SELECT media_id, title, format, season_year, started, episodes, duration_minutes, mean_score, popularity, favourites
    FROM media
    CROSS JOIN state
    WHERE superseded
  ),
  day_genre AS (
    SELECT media_id, genre FROM `anilist_tru.media_genre` CROSS JOIN state WHERE NOT superseded
    UNION ALL
    SELECT media_id, genre FROM media_genre CROSS JOIN state WHERE superseded
  ),
  day_studio AS (
    SELECT media_id, studio_id, name, main FROM `anilist_tru.media_studio` CROSS JOIN state WHERE NOT superseded
    UNION ALL
    SELECT media_id, studio_id, name, main FROM media_studio CROSS JOIN state WHERE superseded
  ),
  day_tag AS (
    SELECT media_id, tag_id, name, category, rank, spoiler FROM `anilist_tru.media_tag` CROSS JOIN state WHERE NOT superseded
    UNION ALL
    SELECT media_id, tag_id, name, category, rank, spoiler FROM media_tag CROSS JOIN state WHERE superseded
  ),
  genre_list AS (
    SELECT media_id, ARRAY_AGG(genre ORDER BY genre) AS genres
    FROM day_genre
    WHERE genre IS NOT NULL
    GROUP BY media_id
  ),
  studio_list AS (
    SELECT media_id,
      ARRAY_AGG(STRUCT(studio_id, name, main) ORDER BY studio_id) AS studios,
      ARRAY_AGG(IF(main, name, NULL) IGNORE NULLS ORDER BY studio_id LIMIT 1) AS main_names
    FROM day_studio
    WHERE studio_id IS NOT NULL
    GROUP BY media_id
  ),
  tag_list AS (
    SELECT media_id, ARRAY_AGG(STRUCT(tag_id, name, category, rank, spoiler) ORDER BY tag_id) AS tags
    FROM day_tag
    WHERE tag_id IS NOT NULL
    GROUP BY media_id
  )
  SELECT e.entry_id, e.user_id, e.media_id,
    COALESCE(m.title.english, m.title.romaji, m.title.native) AS title,
    e.status, m.format, e.score_100, e.progress, e.repeats, m.episodes,
    (e.progress + e.repeats * IFNULL(m.episodes, 0)) * m.duration_minutes AS minutes_watched,
    IFNULL(g.genres, ARRAY<STRING>[]) AS genres,
    IFNULL(s.studios, ARRAY<STRUCT<studio_id INT64, name STRING, main BOOL>>[]) AS studios,
    IFNULL(t.tags, ARRAY<STRUCT<tag_id INT64, name STRING, category STRING, rank INT64, spoiler BOOL>>[]) AS tags,
    s.main_names[SAFE_OFFSET(0)] AS main_studio,
    COALESCE(m.season_year, m.started.year) AS season_year,
    DIV(COALESCE(m.season_year, m.started.year), 10) * 10 AS decade,
    e.started_date, e.started_precision, e.completed_date, e.completed_precision,
    IF(e.started_precision = 'day' AND e.completed_precision = 'day',
      DATE_DIFF(e.completed_date, e.started_date, DAY), NULL) AS days_to_complete,
    m.mean_score AS community_score, e.score_100 - m.mean_score AS community_difference, m.popularity, m.favourites
  FROM day_entry AS e
  LEFT JOIN day_media AS m ON m.media_id = e.media_id
  LEFT JOIN genre_list AS g ON g.media_id = e.media_id
  LEFT JOIN studio_list AS s ON s.media_id = e.media_id
  LEFT JOIN tag_list AS t ON t.media_id = e.media_id;

  SET _tests = [
    STRUCT('primary_key(entry_id)' AS test, 'stop' AS severity, (SELECT IFNULL(SUM(n), 0) FROM (
      SELECT COUNT(*) AS n, LOGICAL_OR(entry_id IS NULL) AS missing FROM built_rows GROUP BY entry_id) WHERE n > 1 OR missing) AS failing),
    STRUCT('accepted_values(status)', 'stop', (SELECT COUNTIF(status NOT IN ('CURRENT', 'PLANNING', 'COMPLETED', 'DROPPED', 'PAUSED', 'REPEATING')) FROM built_rows)),
    STRUCT('minutes are not negative', 'stop', (SELECT COUNTIF(NOT (minutes_watched >= 0)) FROM built_rows)),
    STRUCT('relationship(entry_id -> anilist_tru.entry.entry_id)', 'warn', (SELECT COUNT(*) FROM built_rows AS r
      WHERE r.entry_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM `anilist_tru.entry` AS o WHERE o.entry_id = r.entry_id)))];

  SET _stopped = (
    SELECT STRING_AGG(FORMAT('%s: %d', test, failing), '; ')
    FROM UNNEST(_tests) WHERE severity = 'stop' AND failing > 0);
  IF _stopped IS NOT NULL THEN
    INSERT INTO `anilist_ops.load` (
      run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
    VALUES (
      _run_id, _run_load_id, 'anilist_ref.entry_day', _run_date, _run_interval_start, _run_interval_end, 'stopped',
      (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
    RAISE USING MESSAGE = CONCAT('quality tests of anilist_ref.entry_day failed (rows): ', _stopped);
  END IF;

  BEGIN TRANSACTION;

  DELETE FROM `anilist_ref.entry_day` WHERE reference_date = _run_date;

  INSERT INTO `anilist_ref.entry_day` (entry_id, user_id, media_id, title, status, format, score_100, progress, repeats, episodes, minutes_watched, genres, studios, tags, main_studio, season_year, decade, started_date, started_precision, completed_date, completed_precision, days_to_complete, community_score, community_difference, popularity, favourites, reference_date, _load_id, _loaded_at)
  SELECT s.entry_id, s.user_id, s.media_id, s.title, s.status, s.format, s.score_100, s.progress, s.repeats, s.episodes, s.minutes_watched, s.genres, s.studios, s.tags, s.main_studio, s.season_year, s.decade, s.started_date, s.started_precision, s.completed_date, s.completed_precision, s.days_to_complete, s.community_score, s.community_difference, s.popularity, s.favourites, _run_date, _run_load_id, _run_time
  FROM built_rows AS s;

  COMMIT TRANSACTION;

  INSERT INTO `anilist_ops.load` (
    run_id, load_id, model, reference_date, interval_start, interval_end, state, `rows`, rejected, tests, loaded_at)
  VALUES (
    _run_id, _run_load_id, 'anilist_ref.entry_day', _run_date, _run_interval_start, _run_interval_end, 'written',
    (SELECT COUNT(*) FROM built_rows), 0, _tests, _run_time);
END;
