import { column, model, quality, sql, write } from 'dagwright'
import { fuzzyDateFields, lastSeen, precisions, retention, statuses } from './columns.ts'
import { checkedRows, entryRows } from './snapshot.ts'
import { truRejected } from './tru-rejected.ts'

/** One row per entry of the profile's list, its latest state; entries that are gone stay, inactive. */
export const truEntry = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'entry',
  description:
    'Entries of the profile, latest state, one row each; inactive once a complete snapshot lacks them',
  columns: {
    entry_id: column.required(column.int64('AniList id of the list entry')),
    user_id: column.required(column.int64('AniList id of the profile')),
    media_id: column.required(column.int64('AniList id of the anime')),
    status: column.required(column.string('CURRENT, PLANNING, COMPLETED, DROPPED, PAUSED or REPEATING')),
    score_100: column.int64('Score from 1 to 100; null is no score'),
    score_original: column.numeric("Score in the profile's own format; null is no score"),
    score_format: column.string("The profile's score format when the snapshot was taken"),
    progress: column.int64('Episodes watched in the current pass'),
    repeats: column.int64('Complete passes after the first'),
    notes: column.string('Free text of the profile'),
    hidden: column.bool('Hidden from status lists; lives in custom lists only'),
    started: column.struct('When the profile started it, as precise as known', fuzzyDateFields),
    started_date: column.date('Earliest day that `started` can mean'),
    started_precision: column.string('none, year, month or day'),
    completed: column.struct('When the profile completed it, as precise as known', fuzzyDateFields),
    completed_date: column.date('Earliest day that `completed` can mean'),
    completed_precision: column.string('none, year, month or day'),
    created_at: column.timestamp('When the entry was created; null for old imports'),
    updated_at: column.timestamp('When the profile last changed the entry'),
    active: column.bool('False once a complete snapshot no longer holds the entry'),
    removed_at: column.timestamp('Start of the reference date of the first snapshot without it'),
    reference_date: lastSeen('entry'),
  },
  primaryKey: ['entry_id'],
  partitionBy: 'reference_date',
  clusterBy: ['status', 'media_id'],
  retentionDays: retention.tru,
  // Only a complete snapshot can tell that an entry is gone; the API gives 11,000 entries at most.
  write: write.merge({ gone: write.deactivate({ flag: 'active', at: 'removed_at', within: ['user_id'] }) }),
  quarantine: truRejected,
  sql: sql`
WITH ${checkedRows},
${entryRows}
SELECT entry_id, user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden,
  started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at,
  complete AND COUNTIF(rule IS NULL) OVER (PARTITION BY user_id) < 11000 AS _complete,
  rule AS _rule, ${sql.run.id} AS load, object, position, entry AS record
FROM entries
`,
  tests: [
    quality.notNull('user_id'),
    quality.notNull('media_id'),
    quality.acceptedValues('status', statuses),
    quality.expression('score_100 is 1 to 100', sql`score_100 BETWEEN 1 AND 100`),
    quality.acceptedValues('started_precision', precisions),
    quality.acceptedValues('completed_precision', precisions),
    quality.expression('completed is not before started', sql`completed_date >= started_date`, {
      severity: 'warn',
    }),
    quality.rowCount({ min: 1 }),
  ],
})
