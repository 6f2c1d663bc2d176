import { column, model, quality, ref, sql, write } from 'dagwright'
import { lastSeen, retention } from './columns.ts'
import { checkedRows, studioRows, mediaJson } from './snapshot.ts'
import { truMedia } from './tru-media.ts'

/** The studios of each anime, replaced for every anime that a snapshot holds. */
export const truMediaStudio = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'media_studio',
  description: 'Studios of the anime on the list',
  columns: {
    media_id: column.required(column.int64('AniList id of the anime')),
    studio_id: column.required(column.int64('AniList id of the studio')),
    name: column.string('Name of the studio'),
    main: column.bool('Main studio of the anime, rather than a producer'),
    reference_date: lastSeen('anime'),
  },
  primaryKey: ['media_id', 'studio_id'],
  partitionBy: 'reference_date',
  clusterBy: ['media_id'],
  retentionDays: retention.tru,
  write: write.snapshot({ per: ['media_id'] }),
  sql: sql`
WITH ${checkedRows},
${mediaJson},
${studioRows}
SELECT media_id, studio_id, name, main FROM media_studio
`,
  tests: [quality.relationship('media_id', ref(truMedia).media_id)],
})
