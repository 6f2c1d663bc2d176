import { column, dag, model, sql } from 'dagwright'

const day = '2025-01-01'

const sale = model({
  layer: 'ref',
  dataset: 'shop_ref',
  table: 'sale',
  description: 'Sales by day',
  columns: { day: column.date('day') },
  primaryKey: ['day'],
  retentionDays: null,
  sql: sql`
    SELECT sold_on
    FROM sale
    WHERE sold_on = '${
      // @ts-expect-error a value
      day
    }'
  `,
})

export default dag('dag405', { description: 'A value in SQL' }, ({ build }) => {
  build(sale)
})
