import { column, model, quality, sql, write } from 'dagwright'
import { fuzzyDateFields, lastSeen, retention } from './columns.ts'
import { checkedRows, mediaJson, mediaRows } from './snapshot.ts'

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
    reference_date: lastSeen('anime'),
  },
  primaryKey: ['media_id'],
  partitionBy: 'reference_date',
  clusterBy: ['format'],
  retentionDays: retention.tru,
  write: write.merge(),
  sql: sql`
WITH ${checkedRows},
${mediaJson},
${mediaRows}
SELECT * FROM media
`,
  tests: [
    quality.expression(
      'scores are 0 to 100',
      sql`mean_score BETWEEN 0 AND 100 AND weighted_score BETWEEN 0 AND 100`,
    ),
    quality.expression('has a title', sql`COALESCE(title.romaji, title.english, title.native) IS NOT NULL`, {
      severity: 'warn',
    }),
    quality.acceptedValues(
      'format',
      ['TV', 'TV_SHORT', 'MOVIE', 'SPECIAL', 'OVA', 'ONA', 'MUSIC', 'MANGA', 'NOVEL', 'ONE_SHOT'],
      { severity: 'warn' },
    ),
    quality.expression('episodes and minutes are not negative', sql`episodes >= 0 AND duration_minutes >= 0`),
  ],
})
