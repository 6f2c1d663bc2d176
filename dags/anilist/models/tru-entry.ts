import { column, model, sql } from 'dagwright'
import { fuzzyDateFields, loadColumns } from './columns.ts'
import { runVariables } from './run-variables.ts'
import { snapshotEntries } from './snapshot.ts'

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
    row_hash: column.string('SHA-256 of all values above'),
    active: column.bool('False once a complete snapshot no longer holds the entry'),
    removed_at: column.timestamp('Start of the reference date of the first snapshot without it'),
    reference_date: column.required(column.date('Last snapshot that held the entry')),
    ...loadColumns,
  },
  primaryKey: ['entry_id'],
  partitionBy: 'reference_date',
  clusterBy: ['status', 'media_id'],
  retentionDays: 5 * 365,
  sql: (self) => sql`
${runVariables}

CREATE TEMP TABLE snapshot AS
WITH ${snapshotEntries}
SELECT *,
  TO_HEX(SHA256(TO_JSON_STRING(STRUCT(
    user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden,
    started, completed, created_at, updated_at)))) AS row_hash
FROM entries;

BEGIN TRANSACTION;

-- Newer state is never overwritten by an older day, the news that an entry is gone included; the reference date of
-- every entry still held moves on.
MERGE ${self} AS t
USING snapshot AS s
ON t.entry_id = s.entry_id
WHEN MATCHED AND today >= t.reference_date
  AND (t.row_hash != s.row_hash OR (NOT t.active AND today >= DATE(t.removed_at))) THEN UPDATE SET
  user_id = s.user_id, media_id = s.media_id, status = s.status, score_100 = s.score_100,
  score_original = s.score_original, score_format = s.score_format, progress = s.progress, repeats = s.repeats,
  notes = s.notes, hidden = s.hidden, started = s.started, started_date = s.started_date,
  started_precision = s.started_precision, completed = s.completed, completed_date = s.completed_date,
  completed_precision = s.completed_precision, created_at = s.created_at, updated_at = s.updated_at,
  row_hash = s.row_hash, active = t.active OR today >= DATE(t.removed_at),
  removed_at = IF(today >= DATE(t.removed_at), NULL, t.removed_at), reference_date = today,
  _load_id = this_load, _loaded_at = this_time
WHEN MATCHED AND today > t.reference_date THEN UPDATE SET reference_date = today
WHEN NOT MATCHED THEN INSERT (
  entry_id, user_id, media_id, status, score_100, score_original, score_format, progress, repeats, notes, hidden,
  started, started_date, started_precision, completed, completed_date, completed_precision, created_at, updated_at,
  row_hash, active, removed_at, reference_date, _load_id, _loaded_at)
VALUES (
  s.entry_id, s.user_id, s.media_id, s.status, s.score_100, s.score_original, s.score_format, s.progress, s.repeats,
  s.notes, s.hidden, s.started, s.started_date, s.started_precision, s.completed, s.completed_date,
  s.completed_precision, s.created_at, s.updated_at, s.row_hash, TRUE, NULL, today, this_load, this_time);

-- Only a complete snapshot can tell that an entry is gone; the API gives 11,000 entries at most.
UPDATE ${self}
SET active = FALSE, removed_at = TIMESTAMP(today), _load_id = this_load, _loaded_at = this_time
WHERE active AND reference_date < today
  AND user_id IN (SELECT user_id FROM snapshot WHERE complete GROUP BY user_id HAVING COUNT(*) < 11000)
  AND entry_id NOT IN (SELECT entry_id FROM snapshot);

COMMIT TRANSACTION;
`,
})
