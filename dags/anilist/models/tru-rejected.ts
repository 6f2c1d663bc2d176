import { column, model } from 'dagwright'
import { referenceDate, retention } from './columns.ts'

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
    _load_id: column.string('Run and execution that wrote the row'),
    _loaded_at: column.timestamp('When the row was written'),
  },
  primaryKey: ['load', 'object', 'position'],
  partitionBy: 'reference_date',
  clusterBy: ['rule'],
  retentionDays: retention.tru,
})
