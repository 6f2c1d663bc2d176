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
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'entry',
  description: 'Entries by status',
  columns: { status: column.string('status'), entries: column.int64('how many'), dt: column.date('day') },
  primaryKey: ['dt', 'status'],
  partitionBy: 'dt',
  retentionDays: null,
  write: write.replacePartition(),
  sql: sql`SELECT status, COUNT(*) AS entries FROM ${entry} GROUP BY status`,
})

export default dag('dag414', { description: 'A mart for ever' }, ({ build }) => {
  build(latest)
})
