import { dag } from 'dagwright'
import { fetchRows, send, tell } from '../contracts.ts'

export default dag(
  'any_failure',
  {
    description:
      'Rules that the other DAGs do without, in a run that any failure fails; starts and ends are logged',
    failRunOn: 'any',
    logTasks: 'all',
  },
  ({ task, empty }) => {
    const shop = task('fetch_shop', fetchRows, { source: 'shop' })
    const web = task('fetch_web', fetchRows, { source: 'web' })
    const both = [shop, web]
    const mourned = task('tell_failure', send, { to: 'team' }, { after: both, triggerRule: 'all_failed' })
    const some = task('load_some', tell, {}, { after: both, triggerRule: 'all_done_min_one_success' })
    empty('nothing_new', { after: both, triggerRule: 'all_skipped' })
    empty('first_news', { after: both, triggerRule: 'one_done' })
    empty('whole', { after: both, triggerRule: 'none_skipped' })
    task('tell_anyway', tell, {}, { after: [mourned, some], triggerRule: 'always' })
  },
)
