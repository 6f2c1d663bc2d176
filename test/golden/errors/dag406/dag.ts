import { column, dag, model } from 'dagwright'

const sale = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'sale',
  description: 'Sales as received',
  columns: { id: column.int64('id') },
  primaryKey: ['id'],
  retentionDays: null,
})

export default dag('dag406', { description: 'Nothing says how to build it' }, ({ build }) => {
  build(sale)
})
