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
  columns: {
    id: column.int64('id'),
    status: column.string('status'),
    reference_date: column.date('last seen'),
  },
  primaryKey: ['id'],
  partitionBy: 'reference_date',
  retentionDays: 1825,
  write: write.merge(),
  sql: sql`
    SELECT e.id, o.status
    FROM ${entry} AS e
    JOIN shop_raw.other AS o USING (id)
  `,
})

export default dag('dag413', { description: 'A table by its name' }, ({ build }) => {
  build(latest)
})
