import { column, model, quality, ref, sql, write } from 'dagwright'
import { lastSeen, retention } from './columns.ts'
import { checkedRows, tagRows, mediaJson } from './snapshot.ts'
import { truMedia } from './tru-media.ts'

/** The tags of each anime, replaced for every anime that a snapshot holds. */
export const truMediaTag = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'media_tag',
  description: 'Tags of the anime on the list',
  columns: {
    media_id: column.required(column.int64('AniList id of the anime')),
    tag_id: column.required(column.int64('AniList id of the tag')),
    name: column.string('Name of the tag'),
    category: column.string('Category of the tag'),
    rank: column.int64('How well it fits, in percent, as users have voted'),
    spoiler: column.bool('Tells something of the plot, in general or of this anime'),
    reference_date: lastSeen('anime'),
  },
  primaryKey: ['media_id', 'tag_id'],
  partitionBy: 'reference_date',
  clusterBy: ['media_id'],
  retentionDays: retention.tru,
  write: write.snapshot({ per: ['media_id'] }),
  sql: sql`
WITH ${checkedRows},
${mediaJson},
${tagRows}
SELECT media_id, tag_id, name, category, rank, spoiler FROM media_tag
`,
  tests: [
    quality.relationship('media_id', ref(truMedia).media_id),
    quality.expression('rank is 0 to 100', sql`rank BETWEEN 0 AND 100`),
  ],
})
