import { column, dag, model, sql } from 'dagwright'

const sale = model({
  // @ts-expect-error no such layer
  layer: 'gold',
  dataset: 'Shop',
  table: 'sale',
  description: '',
  columns: { 'sold at': column.date('when'), title: { type: 'STRUCT', description: 'names' } },
  primaryKey: ['title'],
  retentionDays: null,
  sql: sql`SELECT 1`,
})

export default dag('dag401', { description: 'A model that says too little' }, ({ build }) => {
  build(sale)
})
