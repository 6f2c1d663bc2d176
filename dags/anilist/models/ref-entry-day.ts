import { column, model, sql } from 'dagwright'
import { loadColumns, referenceDate } from './columns.ts'
import { runVariables } from './run-variables.ts'
import { snapshotEntries, snapshotMedia } from './snapshot.ts'
import { truEntry } from './tru-entry.ts'
import { truMediaGenre } from './tru-media-genre.ts'
import { truMediaStudio } from './tru-media-studio.ts'
import { truMedia } from './tru-media.ts'

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
    ...loadColumns,
  },
  primaryKey: ['entry_id', 'reference_date'],
  partitionBy: 'reference_date',
  clusterBy: ['status', 'format'],
  retentionDays: 3 * 365,
  sql: (self) => sql`
${runVariables}
DECLARE superseded BOOL DEFAULT (SELECT COUNT(*) > 0 FROM ${truEntry} AS e WHERE e.reference_date > today);

CREATE TEMP TABLE day_entry AS
SELECT entry_id, user_id, media_id, status, score_100, progress, repeats,
  started_date, started_precision, completed_date, completed_precision
FROM ${truEntry}
WHERE active AND reference_date <= today AND NOT superseded
UNION ALL
SELECT entry_id, user_id, media_id, status, score_100, progress, repeats,
  started_date, started_precision, completed_date, completed_precision
FROM (WITH ${snapshotEntries} SELECT * FROM entries)
WHERE superseded;

CREATE TEMP TABLE day_media AS
SELECT media_id, title, format, season_year, started, episodes, duration_minutes, mean_score, popularity, favourites
FROM ${truMedia}
WHERE NOT superseded
UNION ALL
SELECT media_id, title, format, season_year, started, episodes, duration_minutes, mean_score, popularity, favourites
FROM (WITH ${snapshotMedia} SELECT * FROM media)
WHERE superseded;

BEGIN TRANSACTION;

DELETE FROM ${self} WHERE reference_date = today;

INSERT INTO ${self} (
  entry_id, reference_date, user_id, media_id, title, status, format, score_100, progress, repeats, episodes,
  minutes_watched, genres, main_studio, season_year, decade, started_date, started_precision, completed_date,
  completed_precision, days_to_complete, community_score, community_difference, popularity, favourites,
  _load_id, _loaded_at)
WITH genres AS (
  SELECT media_id, ARRAY_AGG(genre ORDER BY genre) AS genres
  FROM ${truMediaGenre}
  GROUP BY media_id
),
studios AS (
  SELECT media_id, name
  FROM ${truMediaStudio}
  WHERE main
  QUALIFY ROW_NUMBER() OVER (PARTITION BY media_id ORDER BY studio_id) = 1
)
SELECT e.entry_id, today, e.user_id, e.media_id,
  COALESCE(m.title.english, m.title.romaji, m.title.native),
  e.status, m.format, e.score_100, e.progress, e.repeats, m.episodes,
  (e.progress + e.repeats * IFNULL(m.episodes, 0)) * m.duration_minutes,
  IFNULL(g.genres, ARRAY<STRING>[]),
  s.name,
  COALESCE(m.season_year, m.started.year),
  DIV(COALESCE(m.season_year, m.started.year), 10) * 10,
  e.started_date, e.started_precision, e.completed_date, e.completed_precision,
  IF(e.started_precision = 'day' AND e.completed_precision = 'day',
    DATE_DIFF(e.completed_date, e.started_date, DAY), NULL),
  m.mean_score, e.score_100 - m.mean_score, m.popularity, m.favourites,
  this_load, this_time
FROM day_entry AS e
LEFT JOIN day_media AS m ON m.media_id = e.media_id
LEFT JOIN genres AS g ON g.media_id = e.media_id
LEFT JOIN studios AS s ON s.media_id = e.media_id;

COMMIT TRANSACTION;
`,
})
