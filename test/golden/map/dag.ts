import { dag } from 'dagwright'
import { fetchPage, loadPages, plan, tell } from '../contracts.ts'

export default dag(
  'map',
  {
    description: 'A page per instance, three at work at once; readers of all outputs and of all ends',
    defaults: { retries: 1, retryDelay: '10s' },
  },
  ({ run, task, map }) => {
    const planned = task('plan', plan, { day: run.date })
    const pages = map(
      'fetch_page',
      fetchPage,
      { page: planned.pages },
      { partial: { day: planned.day }, maxConcurrent: 3 },
    )
    task('load', loadPages, { pages: pages.outputs })
    task('tell_ends', tell, { value: pages.outcomes }, { triggerRule: 'all_done', after: pages })
    task('tell_success', tell, {}, { triggerRule: 'one_success', after: pages })
  },
)
