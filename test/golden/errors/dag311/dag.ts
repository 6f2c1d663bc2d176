import { dag } from 'dagwright'
import { plan, tell } from '../../contracts.ts'

export default dag('dag311', { description: 'A join below a branch' }, ({ task, branch }) => {
  const made = task('plan', plan, {})
  const mode = branch('mode', { on: made.mode, cases: ['full', 'delta'] })
  const full = task('full', tell, {}, { after: mode.case('full') })
  const delta = task('delta', tell, {}, { after: mode.case('delta') })
  const told = task('told', tell, {}, { after: delta })
  const join = task('join', tell, {}, { after: [full, told] })
  task('after_join', tell, {}, { after: join })
  task('fine', tell, {}, { after: [full, told], triggerRule: 'none_failed_min_one_success' })
})
