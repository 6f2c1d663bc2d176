import { dag } from 'dagwright'
import { fetchPage, plan } from '../contracts.ts'

export default dag(
  'map_product',
  { description: 'Every combination of the items of three lists, the last one varying fastest' },
  ({ task, map }) => {
    const planned = task('plan', plan, {})
    map('fetch', fetchPage, { page: planned.pages, name: planned.names, day: ['2026-01-01', '2026-01-02'] })
  },
)
