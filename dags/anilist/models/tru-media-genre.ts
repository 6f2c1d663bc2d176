import { column, model, quality, ref, sql, write } from 'dagwright'
import { lastSeen, retention } from './columns.ts'
import { checkedRows, genreRows, mediaJson } from './snapshot.ts'
import { truMedia } from './tru-media.ts'

/** The genres of each anime, replaced for every anime that a snapshot holds. */
export const truMediaGenre = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'media_genre',
  description: 'Genres of the anime on the list',
  columns: {
    media_id: column.required(column.int64('AniList id of the anime')),
    genre: column.required(column.string('Genre as AniList names it')),
    reference_date: lastSeen('anime'),
  },
  primaryKey: ['media_id', 'genre'],
  partitionBy: 'reference_date',
  clusterBy: ['media_id'],
  retentionDays: retention.tru,
  write: write.snapshot({ per: ['media_id'] }),
  sql: sql`
WITH ${checkedRows},
${mediaJson},
${genreRows}
SELECT media_id, genre FROM media_genre
`,
  tests: [quality.relationship('media_id', ref(truMedia).media_id)],
})
