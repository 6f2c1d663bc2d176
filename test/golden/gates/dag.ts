import { dag, eq, gt } from 'dagwright'
import { fetchRows, plan, tell } from '../contracts.ts'

export default dag(
  'gates',
  {
    description: 'Short circuits: one that skips everything below, one that skips what comes right after it',
  },
  ({ task, shortCircuit, empty }) => {
    const planned = task('make_plan', plan, {})
    const anyNew = shortCircuit('any_new', gt(planned.count, 0), { skips: 'all' })
    const loaded = task('load', fetchRows, { source: 'shop' }, { after: anyNew })
    const told = task('tell_all', tell, {}, { after: loaded, triggerRule: 'all_done' })

    const complete = shortCircuit('complete', planned.complete, { skips: 'direct' })
    const close = empty('close', { after: complete })
    empty('one_is_done', { after: [complete, planned], triggerRule: 'one_success' })
    empty('anyway', { after: close, triggerRule: 'all_done' })
    empty('compared', {
      after: [shortCircuit('same_day', eq(planned.day, planned.mode), { skips: 'direct' }), told],
      triggerRule: 'none_failed',
    })
  },
)
