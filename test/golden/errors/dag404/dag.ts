import { column, dag, model, sql } from 'dagwright'

const sale = model({
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'sale',
  description: 'Sales by day',
  columns: { day: column.date('day'), sold: column.int64('copies') },
  primaryKey: ['day'],
  retentionDays: 730,
  sql: sql`SELECT 1`,
})

export default dag('dag404', { description: 'A retention without partitions' }, ({ build }) => {
  build(sale)
})
