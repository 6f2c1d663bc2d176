import { dag } from 'dagwright'
import { fetchPage, plan, tell } from '../contracts.ts'

export default dag(
  'map_items',
  {
    description:
      'A list whose items are whole inputs, and the outputs of one mapped task as the list of another',
  },
  ({ task, map }) => {
    const planned = task('plan', plan, {})
    const fetched = map('fetch', fetchPage, planned.loads, { partial: { day: planned.day } })
    map('tell_each', tell, { value: fetched.outputs }, { triggerRule: 'all_done' })
  },
)
