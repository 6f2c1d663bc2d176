import { dag, zip } from 'dagwright'
import { fetchPage, plan } from '../contracts.ts'

export default dag(
  'map_zip',
  {
    description:
      'Inputs by position of several lists: up to the shortest, and with a filling up to the longest',
  },
  ({ task, map }) => {
    const planned = task('plan', plan, {})
    map('fetch_shortest', fetchPage, zip({ page: planned.pages, name: planned.names }))
    map('fetch_longest', fetchPage, zip({ name: planned.names, day: ['a', 'b', 'c'] }, { fill: 'none' }), {
      partial: { page: 1 },
    })
  },
)
