import { dag, isTrue } from 'dagwright'
import { plan, tell } from '../../contracts.ts'

export default dag('dag117', { description: 'Branches without their cases' }, ({ task, branch }) => {
  const made = task('plan', plan, {})
  branch('no_cases', { on: made.mode, cases: [] })
  const twice = branch('twice', { on: made.mode, cases: ['full', 'full'] })
  task('after_twice', tell, {}, { after: twice.case('full') })
  // @ts-expect-error the value is known already
  const known = branch('known', { on: 'full', cases: ['full'] })
  task('after_known', tell, {}, { after: known.case('full') })
  const named = branch('named', { cases: { 'All of it': isTrue(made.complete) } })
  task('after_named', tell, {}, { after: named.case('All of it') })
  const mode = branch('mode', { on: made.mode, cases: ['full', 'delta'] })
  // @ts-expect-error no such case
  task('after_unknown', tell, {}, { after: mode.case('fulll') })
})
