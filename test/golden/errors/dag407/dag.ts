import { column, dag, model, sql } from 'dagwright'
import { tell } from '../../contracts.ts'

const sale = model({
  layer: 'ref',
  dataset: 'shop_ref',
  table: 'sale',
  description: 'Sales by day',
  columns: { day: column.date('day') },
  primaryKey: ['day'],
  retentionDays: null,
  sql: sql`SELECT 1`,
})

export default dag('dag407', { description: 'Two sources of one table' }, ({ task, build }) => {
  build(sale)
  build(sale, { id: 'again' })
  task('load', tell, {}, { writes: [sale] })
})
