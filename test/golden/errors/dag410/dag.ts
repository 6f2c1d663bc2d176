import { column, dag, model, ref, sql, write } from 'dagwright'

const entry = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'entry',
  description: 'Entries as received',
  columns: { id: column.int64('id'), status: column.string('status'), day: column.date('day') },
  primaryKey: ['id'],
  retentionDays: null,
})

const e = ref(entry, 'e')

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
    SELECT ${e.id},
      e.satus AS status
    FROM ${e}
    WHERE day = ${sql.run.date}
  `,
})

export default dag('dag410', { description: 'A column that is not there' }, ({ build }) => {
  build(latest)
})
