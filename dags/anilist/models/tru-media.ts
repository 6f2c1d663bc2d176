import { column, model, sql } from 'dagwright'
import { fuzzyDateFields, loadColumns } from './columns.ts'
import { runVariables } from './run-variables.ts'
import { snapshotMedia } from './snapshot.ts'

/** One row per anime that the profile has listed, its latest state. */
export const truMedia = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'media',
  description: 'Anime on the list, latest catalogue values, one row each',
  columns: {
    media_id: column.required(column.int64('AniList id of the anime')),
    id_mal: column.int64('MyAnimeList id'),
    title: column.struct('Titles; each may be missing', {
      romaji: column.string('Romanised title'),
      english: column.string('English title'),
      native: column.string('Title in the original script'),
    }),
    format: column.string('TV, MOVIE, OVA, ONA, SPECIAL, TV_SHORT or MUSIC'),
    status: column.string('Release status: FINISHED, RELEASING, NOT_YET_RELEASED, CANCELLED or HIATUS'),
    season: column.string('WINTER, SPRING, SUMMER or FALL'),
    season_year: column.int64('Year of the season'),
    episodes: column.int64('Number of episodes, if known'),
    duration_minutes: column.int64('Minutes per episode'),
    source: column.string('What it was adapted from'),
    country: column.string('ISO 3166-1 alpha-2 code of the country of origin'),
    adult: column.bool('Adult content'),
    mean_score: column.int64('Mean of all scores of the community, 0 to 100'),
    weighted_score: column.int64('Weighted mean of the community, 0 to 100'),
    popularity: column.int64('Users with the anime on a list'),
    favourites: column.int64('Users with the anime as a favourite'),
    description_html: column.string('Synopsis as the API gives it'),
    description_text: column.string('Synopsis without markup'),
    started: column.struct('First broadcast, as precise as known', fuzzyDateFields),
    started_date: column.date('Earliest day that `started` can mean'),
    started_precision: column.string('none, year, month or day'),
    ended: column.struct('Last broadcast, as precise as known', fuzzyDateFields),
    ended_date: column.date('Earliest day that `ended` can mean'),
    ended_precision: column.string('none, year, month or day'),
    updated_at: column.timestamp('When AniList last changed the catalogue entry'),
    row_hash: column.string('SHA-256 of all values above'),
    reference_date: column.required(column.date('Last snapshot that held the anime')),
    ...loadColumns,
  },
  primaryKey: ['media_id'],
  partitionBy: 'reference_date',
  clusterBy: ['format'],
  retentionDays: 5 * 365,
  sql: (self) => sql`
${runVariables}

CREATE TEMP TABLE snapshot AS
WITH ${snapshotMedia}
SELECT *,
  TO_HEX(SHA256(TO_JSON_STRING(STRUCT(
    id_mal, title, format, status, season, season_year, episodes, duration_minutes, source, country, adult,
    mean_score, weighted_score, popularity, favourites, description_html, started, ended, updated_at)))) AS row_hash
FROM media;

MERGE ${self} AS t
USING snapshot AS s
ON t.media_id = s.media_id
WHEN MATCHED AND today >= t.reference_date AND t.row_hash != s.row_hash THEN UPDATE SET
  id_mal = s.id_mal, title = s.title, format = s.format, status = s.status, season = s.season,
  season_year = s.season_year, episodes = s.episodes, duration_minutes = s.duration_minutes, source = s.source,
  country = s.country, adult = s.adult, mean_score = s.mean_score, weighted_score = s.weighted_score,
  popularity = s.popularity, favourites = s.favourites, description_html = s.description_html,
  description_text = s.description_text, started = s.started, started_date = s.started_date,
  started_precision = s.started_precision, ended = s.ended, ended_date = s.ended_date,
  ended_precision = s.ended_precision, updated_at = s.updated_at, row_hash = s.row_hash, reference_date = today,
  _load_id = this_load, _loaded_at = this_time
WHEN MATCHED AND today > t.reference_date THEN UPDATE SET reference_date = today
WHEN NOT MATCHED THEN INSERT (
  media_id, id_mal, title, format, status, season, season_year, episodes, duration_minutes, source, country, adult,
  mean_score, weighted_score, popularity, favourites, description_html, description_text, started, started_date,
  started_precision, ended, ended_date, ended_precision, updated_at, row_hash, reference_date, _load_id, _loaded_at)
VALUES (
  s.media_id, s.id_mal, s.title, s.format, s.status, s.season, s.season_year, s.episodes, s.duration_minutes,
  s.source, s.country, s.adult, s.mean_score, s.weighted_score, s.popularity, s.favourites, s.description_html,
  s.description_text, s.started, s.started_date, s.started_precision, s.ended, s.ended_date, s.ended_precision,
  s.updated_at, s.row_hash, today, this_load, this_time);
`,
})
