import { column, dag, model, sql } from 'dagwright'
import { tell } from '../../contracts.ts'

const base = {
  layer: 'raw',
  dataset: 'shop_raw',
  columns: { id: column.int64('id') },
  retentionDays: null,
} as const
const sale = model({ ...base, table: 'sale', description: 'Sales', primaryKey: ['id'] })
const total = model({
  ...base,
  table: 'total',
  description: 'Totals',
  primaryKey: ['id'],
  sql: sql`SELECT id FROM ${sale}`,
})

export default dag('dag301', { description: 'Each waits for the other' }, ({ task, build }) => {
  const totals = build(total)
  const checked = task('check', tell, {}, { after: totals })
  task('load', tell, {}, { after: checked, writes: [sale] })
})
