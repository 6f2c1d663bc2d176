import { column, dag, model, sql } from 'dagwright'

const sale = model({
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'sale',
  description: 'Sales by year',
  columns: { year: column.int64('year'), sold: column.int64('copies') },
  primaryKey: ['year'],
  partitionBy: 'year',
  retentionDays: 730,
  sql: sql`SELECT 1`,
})

export default dag('dag403', { description: 'Partitioned by a number' }, ({ build }) => {
  build(sale)
})
