import { column, dag, model, sql, write } from 'dagwright'

const entry = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'entry',
  description: 'Entries as received',
  columns: { id: column.int64('id'), status: column.string('status'), day: column.date('day') },
  primaryKey: ['id'],
  retentionDays: null,
})

const latest = model({
  layer: 'tru',
  dataset: 'shop_tru',
  table: 'entry',
  description: 'Entries, latest state',
  columns: { id: column.int64('id'), status: column.string('status') },
  primaryKey: ['id'],
  retentionDays: null,
  // @ts-expect-error not a column
  write: write.merge({
    newer: 'updated_at',
  }),
  sql: sql`SELECT id, status FROM ${entry}`,
})

export default dag('dag415', { description: 'Nothing tells what is newer' }, ({ build }) => {
  build(latest)
})
