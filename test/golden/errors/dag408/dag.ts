import { column, dag, model, sql } from 'dagwright'

const shared = {
  columns: { id: column.int64('id') },
  primaryKey: ['id'],
  retentionDays: null,
  sql: sql`SELECT 1`,
} as const
const first = model({ layer: 'raw', dataset: 'shop', table: 'sale', description: 'Sales', ...shared })
const second = model({ layer: 'raw', dataset: 'shop', table: 'sale', description: 'Sales', ...shared })
const third = model({ layer: 'ref', dataset: 'shop', table: 'total', description: 'Totals', ...shared })

export default dag('dag408', { description: 'Declared twice, and two layers in a dataset' }, ({ build }) => {
  build(first)
  build(second, { id: 'again' })
  build(third)
})
