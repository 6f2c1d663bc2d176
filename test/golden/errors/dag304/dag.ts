import { dag, isTrue } from 'dagwright'
import { plan, tell } from '../../contracts.ts'

export default dag('dag304', { description: 'Cases that lead nowhere' }, ({ task, group, branch }) => {
  const made = task('plan', plan, {})
  const mode = branch('mode', { on: made.mode, cases: ['full', 'delta'] })
  task('full', tell, {}, { after: mode.case('full') })
  const complete = branch('complete', { cases: { yes: isTrue(made.complete) }, otherwise: 'no' })
  group('empty_group', () => null, { after: complete.case('no') })
  group('yes', () => task('tell', tell, {}), { after: complete.case('yes') })
})
