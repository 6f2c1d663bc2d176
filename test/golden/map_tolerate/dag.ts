import { dag } from 'dagwright'
import { fetchPage, plan, tell } from '../contracts.ts'

export default dag(
  'map_tolerate',
  { description: 'Instances that may fail: one of them, or half of them' },
  ({ task, map }) => {
    const planned = task('plan', plan, {})
    const one = map('fetch_but_one', fetchPage, { page: planned.pages }, { tolerateFailed: 1 })
    const half = map('fetch_half', fetchPage, { page: planned.pages }, { tolerateFailed: '50%' })
    task('tell_one', tell, {}, { after: one })
    task('tell_half', tell, {}, { after: half })
  },
)
