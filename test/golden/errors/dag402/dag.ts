import { column, dag, model, sql } from 'dagwright'

const sale = model({
  layer: 'ref',
  dataset: 'shop_ref',
  table: 'sale',
  description: 'Sales by day',
  columns: { day: column.date('day'), sold: column.int64('copies') },
  // @ts-expect-error not a column
  primaryKey: ['days'],
  // @ts-expect-error not a column
  clusterBy: ['region'],
  retentionDays: null,
  sql: sql`SELECT 1`,
})

export default dag('dag402', { description: 'Columns that are not there' }, ({ build }) => {
  build(sale)
})
