import { sql } from 'dagwright'
import { rawList } from './raw-list.ts'
import { rawMedia } from './raw-media.ts'

/**
 * `checked`: one row per entry of a list (an entry comes again in each custom list) in the newest load of each
 * user on the day of the run, typed, with the rule that refuses the row or NULL. `complete` tells whether that load
 * holds every chunk.
 */
export const checkedRows = sql`
  loads AS (
    SELECT user, _load_id, MAX(requested_at) AS requested_at,
      COUNTIF(NOT has_next) = 1 AND COUNT(DISTINCT chunk) = MAX(chunk) AS complete
    FROM ${rawList}
    WHERE ingestion_date = ${sql.run.date} AND type = 'ANIME' AND http_status = 200
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
    FROM ${rawList} AS r
    JOIN newest AS n ON n.user = r.user AND n._load_id = r._load_id
    WHERE r.ingestion_date = ${sql.run.date}
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
  )`

type Fragment = ReturnType<typeof sql>

/** `{year, month, day}` of AniList, each of which may be null. */
const fuzzyDate = (json: Fragment) => sql`STRUCT(
        SAFE_CAST(JSON_VALUE(${json}, '$.year') AS INT64) AS year,
        SAFE_CAST(JSON_VALUE(${json}, '$.month') AS INT64) AS month,
        SAFE_CAST(JSON_VALUE(${json}, '$.day') AS INT64) AS day)`

/** The earliest day that a fuzzy date can mean. Of an impossible day or month, such as 30 February, the rest counts. */
const earliestDay = (fuzzy: Fragment) => sql`COALESCE(
        SAFE.DATE(${fuzzy}.year, ${fuzzy}.month, ${fuzzy}.day),
        SAFE.DATE(${fuzzy}.year, ${fuzzy}.month, 1),
        SAFE.DATE(${fuzzy}.year, 1, 1))`

const precision = (fuzzy: Fragment) => sql`CASE
        WHEN SAFE.DATE(${fuzzy}.year, ${fuzzy}.month, ${fuzzy}.day) IS NOT NULL THEN 'day'
        WHEN SAFE.DATE(${fuzzy}.year, ${fuzzy}.month, 1) IS NOT NULL THEN 'month'
        WHEN SAFE.DATE(${fuzzy}.year, 1, 1) IS NOT NULL THEN 'year'
        ELSE 'none'
      END`

/**
 * `entries`, of `checked`: one row per entry of the snapshot, read from status lists and custom lists alike, and every row
 * that a rule refuses. Scores are compared on the scale of 100; where the API did not give that scale it is computed from
 * the profile's own format, with AniList's values for smileys (35, 60, 85). 0 is no score.
 */
export const entryRows = sql`
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
      ${fuzzyDate(sql`JSON_QUERY(entry, '$.startedAt')`)} AS started,
      ${fuzzyDate(sql`JSON_QUERY(entry, '$.completedAt')`)} AS completed
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
      ${earliestDay(sql`started`)} AS started_date,
      ${precision(sql`started`)} AS started_precision,
      completed,
      ${earliestDay(sql`completed`)} AS completed_date,
      ${precision(sql`completed`)} AS completed_precision,
      TIMESTAMP_SECONDS(NULLIF(SAFE_CAST(JSON_VALUE(entry, '$.createdAt') AS INT64), 0)) AS created_at,
      TIMESTAMP_SECONDS(NULLIF(SAFE_CAST(JSON_VALUE(entry, '$.updatedAt') AS INT64), 0)) AS updated_at,
      complete, rule, object, position, entry
    FROM dated
  )`

/**
 * `media_json`, of `checked`: one row per anime of the snapshot, the JSON object as the API gave it. Where no entry has one
 * with a title and genres, the one that was last asked for by id takes its place: when many are missing, not every day
 * asks for each of them.
 */
export const mediaJson = sql`
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
    FROM ${rawMedia} AS r
    CROSS JOIN UNNEST(JSON_QUERY_ARRAY(r.payload, '$.data.Page.media')) AS item
    WHERE r.ingestion_date <= ${sql.run.date} AND r.http_status = 200
    QUALIFY ROW_NUMBER() OVER (PARTITION BY media_id ORDER BY r.requested_at DESC, r._load_id DESC, r.chunk) = 1
  ),
  media_json AS (
    SELECT l.media_id, IF(l.described OR a.item IS NULL, l.media, a.item) AS media
    FROM listed_media AS l
    LEFT JOIN asked_media AS a ON a.media_id = l.media_id
    WHERE COALESCE(JSON_VALUE(a.item, '$.id'), JSON_VALUE(l.media, '$.id')) IS NOT NULL
  )`

/** `media`, of `media_json`: one row per anime, typed. */
export const mediaRows = sql`
  media_dated AS (
    SELECT media_id, media AS item,
      ${fuzzyDate(sql`JSON_QUERY(media, '$.startDate')`)} AS started,
      ${fuzzyDate(sql`JSON_QUERY(media, '$.endDate')`)} AS ended
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
      ${earliestDay(sql`started`)} AS started_date,
      ${precision(sql`started`)} AS started_precision,
      ended,
      ${earliestDay(sql`ended`)} AS ended_date,
      ${precision(sql`ended`)} AS ended_precision,
      TIMESTAMP_SECONDS(NULLIF(SAFE_CAST(JSON_VALUE(item, '$.updatedAt') AS INT64), 0)) AS updated_at
    FROM media_dated
  )`

/** `media_genre`, of `media_json`: one row per genre of an anime; one without a genre where it has none. */
export const genreRows = sql`
  media_genre AS (
    SELECT DISTINCT media_id, genre
    FROM media_json
    LEFT JOIN UNNEST(JSON_VALUE_ARRAY(media, '$.genres')) AS genre
  )`

/** `media_studio`, of `media_json`: one row per studio of an anime. A studio can stand twice, once as main: main wins. */
export const studioRows = sql`
  media_studio AS (
    SELECT media_id,
      SAFE_CAST(JSON_VALUE(edge, '$.node.id') AS INT64) AS studio_id,
      MAX(JSON_VALUE(edge, '$.node.name')) AS name,
      LOGICAL_OR(IFNULL(SAFE_CAST(JSON_VALUE(edge, '$.isMain') AS BOOL), FALSE)) AS main
    FROM media_json
    LEFT JOIN UNNEST(JSON_QUERY_ARRAY(media, '$.studios.edges')) AS edge
    GROUP BY media_id, studio_id
  )`

/** `media_tag`, of `media_json`: one row per tag of an anime. */
export const tagRows = sql`
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
  )`
