import { dag, gt } from 'dagwright'
import { fetchPage, plan, tell } from '../contracts.ts'

export default dag(
  'mapped_group_joins',
  {
    description:
      'Rules, a branch and a setup within each instance of a group, and tasks outside that it waits for',
  },
  ({ task, mapGroup, branch, empty }) => {
    const planned = task('plan', plan, {})
    const other = task('other', tell, {})
    const loads = mapGroup('loads', planned.loads, (load) => {
      const opened = task('open', tell, { note: load.name }, { setup: true })
      const fetched = task('fetch', fetchPage, { page: load.page }, { after: opened })
      const choose = branch(
        'choose',
        { cases: { some: gt(fetched.rows, 0) }, otherwise: 'none' },
        { after: fetched },
      )
      const some = task('some', tell, {}, { after: choose.case('some') })
      const none = empty('none', { after: choose.case('none') })
      task('either', tell, {}, { after: [some, none, other], triggerRule: 'none_failed_min_one_success' })
      task('failure', tell, {}, { after: fetched, triggerRule: 'one_failed' })
      task('close', tell, {}, { teardownOf: opened, after: fetched })
    })
    task('after_all', tell, {}, { after: loads, triggerRule: 'all_done' })
  },
)
