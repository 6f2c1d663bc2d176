import { column, model, quality, ref, sql, write } from 'dagwright'
import { referenceDate, retention, statuses } from './columns.ts'
import { checkedRows, entryRows, genreRows, mediaJson, mediaRows, studioRows, tagRows } from './snapshot.ts'
import { truEntry } from './tru-entry.ts'
import { truMediaGenre } from './tru-media-genre.ts'
import { truMediaStudio } from './tru-media-studio.ts'
import { truMediaTag } from './tru-media-tag.ts'
import { truMedia } from './tru-media.ts'

const e = ref(truEntry)

/**
 * Every entry that is on the profile on a day, joined to its anime: one partition per snapshot, rewritten whole.
 * TRU holds the latest state only, so a day older than TRU is read from its own snapshot in RAW.
 */
export const refEntryDay = model({
  layer: 'ref',
  dataset: 'anilist_ref',
  table: 'entry_day',
  description: 'Entries on the profile per day, joined to their anime',
  columns: {
    entry_id: column.required(column.int64('AniList id of the list entry')),
    reference_date: referenceDate,
    user_id: column.required(column.int64('AniList id of the profile')),
    media_id: column.required(column.int64('AniList id of the anime')),
    title: column.string('English title, else romanised, else original'),
    status: column.required(column.string('CURRENT, PLANNING, COMPLETED, DROPPED, PAUSED or REPEATING')),
    format: column.string('TV, MOVIE, OVA, ONA, SPECIAL, TV_SHORT or MUSIC'),
    score_100: column.int64('Score from 1 to 100; null is no score'),
    progress: column.int64('Episodes watched in the current pass'),
    repeats: column.int64('Complete passes after the first'),
    episodes: column.int64('Number of episodes, if known'),
    minutes_watched: column.int64(
      '(progress + repeats × episodes) × minutes per episode; null where the duration is unknown',
    ),
    genres: column.array(column.string('Genres, in alphabetical order')),
    studios: column.array(
      column.struct('Studios, by id', {
        studio_id: column.int64('AniList id of the studio'),
        name: column.string('Name of the studio'),
        main: column.bool('Main studio, rather than a producer'),
      }),
    ),
    tags: column.array(
      column.struct('Tags, by id', {
        tag_id: column.int64('AniList id of the tag'),
        name: column.string('Name of the tag'),
        category: column.string('Category of the tag'),
        rank: column.int64('How well it fits, in percent'),
        spoiler: column.bool('Tells something of the plot'),
      }),
    ),
    main_studio: column.string('Main studio; the one with the lowest id where there are several'),
    season_year: column.int64('Year of the season, else of the first broadcast'),
    decade: column.int64('First year of the decade of `season_year`'),
    started_date: column.date('Earliest day on which the profile can have started it'),
    started_precision: column.string('none, year, month or day'),
    completed_date: column.date('Earliest day on which the profile can have completed it'),
    completed_precision: column.string('none, year, month or day'),
    days_to_complete: column.int64('Days from start to completion; only where both are exact'),
    community_score: column.int64('Mean score of the community, 0 to 100'),
    community_difference: column.int64('score_100 − community_score'),
    popularity: column.int64('Users with the anime on a list'),
    favourites: column.int64('Users with the anime as a favourite'),
  },
  primaryKey: ['entry_id', 'reference_date'],
  partitionBy: 'reference_date',
  clusterBy: ['status', 'format'],
  retentionDays: retention.ref,
  write: write.replacePartition(),
  sql: sql`
WITH ${checkedRows},
${entryRows},
${mediaJson},
${mediaRows},
${genreRows},
${studioRows},
${tagRows},
-- TRU holds the latest state: a day that it has left behind is read from RAW.
state AS (
  SELECT COUNTIF(${e.reference_date} > ${sql.run.date}) > 0 AS superseded FROM ${e}
),
day_entry AS (
  SELECT entry_id, user_id, media_id, status, score_100, progress, repeats,
    started_date, started_precision, completed_date, completed_precision
  FROM ${truEntry}
  CROSS JOIN state
  WHERE active AND reference_date <= ${sql.run.date} AND NOT superseded
  UNION ALL
  SELECT entry_id, user_id, media_id, status, score_100, progress, repeats,
    started_date, started_precision, completed_date, completed_precision
  FROM entries
  CROSS JOIN state
  WHERE rule IS NULL AND superseded
),
day_media AS (
  SELECT media_id, title, format, season_year, started, episodes, duration_minutes, mean_score, popularity, favourites
  FROM ${truMedia}
  CROSS JOIN state
  WHERE NOT superseded
  UNION ALL
  SELECT media_id, title, format, season_year, started, episodes, duration_minutes, mean_score, popularity, favourites
  FROM media
  CROSS JOIN state
  WHERE superseded
),
day_genre AS (
  SELECT media_id, genre FROM ${truMediaGenre} CROSS JOIN state WHERE NOT superseded
  UNION ALL
  SELECT media_id, genre FROM media_genre CROSS JOIN state WHERE superseded
),
day_studio AS (
  SELECT media_id, studio_id, name, main FROM ${truMediaStudio} CROSS JOIN state WHERE NOT superseded
  UNION ALL
  SELECT media_id, studio_id, name, main FROM media_studio CROSS JOIN state WHERE superseded
),
day_tag AS (
  SELECT media_id, tag_id, name, category, rank, spoiler FROM ${truMediaTag} CROSS JOIN state WHERE NOT superseded
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
LEFT JOIN tag_list AS t ON t.media_id = e.media_id
`,
  tests: [
    quality.acceptedValues('status', statuses),
    quality.expression('minutes are not negative', sql`minutes_watched >= 0`),
    quality.relationship('entry_id', ref(truEntry).entry_id, { severity: 'warn' }),
  ],
})
