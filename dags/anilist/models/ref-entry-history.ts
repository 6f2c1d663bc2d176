import { column, model, quality, sql, write } from 'dagwright'
import { lastSeen, retention, statuses } from './columns.ts'
import { truEntry } from './tru-entry.ts'

/**
 * Every state that an entry has been in, from which snapshot to which. Of a day that TRU has left behind nothing is read, so
 * that history moves forward only.
 */
export const refEntryHistory = model({
  layer: 'ref',
  dataset: 'anilist_ref',
  table: 'entry_history',
  description: 'States of the entries of the profile, with the snapshots from and up to which they held',
  columns: {
    entry_id: column.required(column.int64('AniList id of the list entry')),
    valid_from: column.required(
      column.timestamp('Start of the reference date of the first snapshot with this state'),
    ),
    valid_to: column.timestamp(
      'Start of the reference date of the first snapshot without it; null while it holds',
    ),
    is_current: column.required(column.bool('The state that holds')),
    user_id: column.required(column.int64('AniList id of the profile')),
    status: column.required(column.string('CURRENT, PLANNING, COMPLETED, DROPPED, PAUSED or REPEATING')),
    score_100: column.int64('Score from 1 to 100; null is no score'),
    progress: column.int64('Episodes watched in the current pass'),
    reference_date: lastSeen('entry in this state'),
  },
  primaryKey: ['entry_id', 'valid_from'],
  partitionBy: 'reference_date',
  clusterBy: ['entry_id'],
  retentionDays: retention.ref,
  write: write.history({ gone: { within: ['user_id'] } }),
  sql: sql`
WITH known AS (
  SELECT entry_id, user_id, status, score_100, progress, reference_date,
    -- After a complete snapshot no entry is active that it lacks.
    COUNTIF(active AND reference_date < ${sql.run.date}) OVER (PARTITION BY user_id) = 0 AS complete
  FROM ${truEntry}
  WHERE active
)
SELECT entry_id, user_id, status, score_100, progress, complete AS _complete
FROM known
WHERE reference_date = ${sql.run.date}
`,
  tests: [
    quality.acceptedValues('status', statuses),
    quality.expression('a state ends after it begins', sql`valid_to > valid_from`, { on: 'table' }),
    quality.expression('what holds has no end', sql`is_current = (valid_to IS NULL)`, { on: 'table' }),
  ],
})
