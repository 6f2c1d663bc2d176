import { column, dag, model, sql } from 'dagwright'
import { fetchPage, plan } from '../../contracts.ts'

const { date, int64 } = column
const rawPages = model({
  layer: 'raw',
  dataset: 'shop_raw',
  table: 'pages',
  description: 'Pages as they came',
  columns: { dt: date('load date'), page: int64('number of the page') },
  primaryKey: ['dt', 'page'],
  retentionDays: null,
})
const truPages = model({
  layer: 'tru',
  dataset: 'shop_tru',
  table: 'pages',
  description: 'Pages without duplicates',
  columns: { dt: date('load date'), page: int64('number of the page') },
  primaryKey: ['dt', 'page'],
  retentionDays: null,
  sql: (self) => sql`INSERT INTO ${self} SELECT DISTINCT dt, page FROM ${rawPages}`,
})
const dmtPages = model({
  layer: 'dmt',
  dataset: 'shop_dmt',
  table: 'page_count',
  description: 'Number of pages by date',
  columns: { dt: date('load date'), pages: int64('number of pages') },
  primaryKey: ['dt'],
  partitionBy: 'dt',
  retentionDays: 730,
  sql: (self) => sql`INSERT INTO ${self} SELECT dt, COUNT(*) FROM ${truPages} GROUP BY dt`,
})

export default dag('dag305', { description: 'Something between' }, ({ task, build, mapGroup }) => {
  const made = task('plan', plan, {})
  mapGroup('pages', made.pages, (page) => {
    task('fetch', fetchPage, { page }, { writes: [rawPages] })
    build(dmtPages)
  })
  build(truPages)
})
