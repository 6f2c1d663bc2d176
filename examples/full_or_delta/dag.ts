import { cron, dag } from 'dagwright'
import { loadOrders, planLoad } from '../contracts.ts'

/** A branch: one of two ways to load, and what comes after either. */
export default dag(
  'full_or_delta',
  {
    description: 'Loads all orders on the first of a month, the new ones on other days',
    schedule: cron('0 5 * * *', 'Europe/Berlin'),
    defaults: { retries: 2 },
  },
  ({ run, task, branch, empty }) => {
    const plan = task('plan_load', planLoad, { day: run.date })
    const mode = branch('mode', { on: plan.mode, cases: ['full', 'delta'] })
    const full = task('load_all', loadOrders, {}, { after: mode.case('full') })
    const delta = task('load_new', loadOrders, { since: plan.since }, { after: mode.case('delta') })
    empty('loaded', { after: [full, delta], triggerRule: 'none_failed_min_one_success' })
  },
)
