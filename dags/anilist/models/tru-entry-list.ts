import { column, model, quality, ref, sql, write } from 'dagwright'
import { lastSeen, retention } from './columns.ts'
import { checkedRows } from './snapshot.ts'
import { truEntry } from './tru-entry.ts'

/** Which lists an entry is on, replaced for every profile that has a snapshot. */
export const truEntryList = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'entry_list',
  description: 'Lists of the profile that an entry is on, as of the latest snapshot',
  columns: {
    user_id: column.required(column.int64('AniList id of the profile')),
    entry_id: column.required(column.int64('AniList id of the list entry')),
    list: column.required(column.string('Name of the list, blanks and all')),
    custom: column.bool('A list of the profile’s own, rather than one by status'),
    reference_date: lastSeen('entry'),
  },
  primaryKey: ['user_id', 'entry_id', 'list'],
  partitionBy: 'reference_date',
  clusterBy: ['entry_id'],
  retentionDays: retention.tru,
  write: write.snapshot({ per: ['user_id'] }),
  sql: sql`
WITH ${checkedRows}
SELECT user_id, entry_id, list_name AS list, LOGICAL_OR(custom) AS custom, LOGICAL_AND(complete) AS _complete
FROM checked
WHERE rule IS NULL AND list_name IS NOT NULL
GROUP BY user_id, entry_id, list_name
`,
  tests: [quality.relationship('entry_id', ref(truEntry).entry_id)],
})
