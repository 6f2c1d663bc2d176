import { column, model, sql } from 'dagwright'
import { loadColumns, referenceDate } from './columns.ts'
import { checkedRows } from './snapshot.ts'

/** Rows of a snapshot that no rule of TRU accepts, with the rule that refused them. Never dropped silently. */
export const truRejected = model({
  layer: 'tru',
  dataset: 'anilist_tru',
  table: 'rejected',
  description: 'Rows of the snapshots that were refused, with the rule that refused them',
  columns: {
    load: column.required(column.string('Run whose snapshot held the row')),
    object: column.required(column.string('Staged object that held the row')),
    position: column.required(column.int64('Position of the row within the object, from 0')),
    rule: column.required(column.string('The first rule that refused it')),
    record: column.json('The row as the API gave it'),
    reference_date: referenceDate,
    ...loadColumns,
  },
  primaryKey: ['load', 'object', 'position'],
  partitionBy: 'reference_date',
  clusterBy: ['rule'],
  retentionDays: 5 * 365,
  sql: (self) => sql`
DECLARE today DATE DEFAULT reference_date;
DECLARE this_run STRING DEFAULT run_id;
DECLARE this_load STRING DEFAULT load_id;
DECLARE this_time TIMESTAMP DEFAULT run_time;

BEGIN TRANSACTION;

DELETE FROM ${self} WHERE reference_date = today;

INSERT INTO ${self} (load, object, position, rule, record, reference_date, _load_id, _loaded_at)
WITH ${checkedRows}
SELECT this_run, object, position, rule, entry, today, this_load, this_time
FROM checked
WHERE rule IS NOT NULL;

COMMIT TRANSACTION;
`,
})
