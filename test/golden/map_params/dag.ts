import { dag, z } from 'dagwright'
import { fetchPage, loadPages, tell } from '../contracts.ts'

export default dag(
  'map_params',
  {
    description: 'Lists that no task gives: one of the run, which may be empty, and one that is written down',
    params: z.object({ pages: z.array(z.int()).default([1, 2]) }),
    defaults: { retries: 1, retryDelay: '10s' },
  },
  ({ params, task, map, mapGroup }) => {
    const fetched = map('fetch', fetchPage, { page: params.pages }, { maxConcurrent: 1 })
    task('load', loadPages, { pages: fetched.outputs }, { triggerRule: 'none_failed' })
    mapGroup('shops', ['north', 'south'], (shop) => {
      const told = task('tell_shop', tell, { note: shop }, { after: fetched, triggerRule: 'all_done' })
      task('tell_again', tell, { value: [shop, told] })
    })
  },
)
