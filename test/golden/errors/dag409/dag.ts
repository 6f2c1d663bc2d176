import { column, dag, model, sql } from 'dagwright'

const shared = {
  columns: { id: column.int64('id'), dt: column.date('load date') },
  primaryKey: ['id'],
  partitionBy: 'dt',
  retentionDays: 730,
} as const
const mart = model({
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'total',
  description: 'Totals',
  ...shared,
  sql: sql`SELECT 1`,
})
const entry = model({
  layer: 'tru',
  dataset: 'shop_tru',
  table: 'entry',
  description: 'Entries',
  ...shared,
  sql: (self) => sql`INSERT INTO ${self} SELECT id FROM ${mart}`,
})

export default dag('dag409', { description: 'Reads upward' }, ({ build }) => {
  build(mart)
  build(entry)
})
