import { dag, eq } from 'dagwright'
import { plan, tell } from '../../contracts.ts'

export default dag('dag210', { description: 'Unbounded values' }, ({ task, branch, shortCircuit }) => {
  const made = task('plan', plan, {})
  const by = branch('by_text', { on: made.note, cases: ['full'] })
  task('after', tell, {}, { after: by.case('full') })
  shortCircuit('by_condition', eq(made.names[0], 'first'), { skips: 'direct' })
  shortCircuit('bounded', eq(made.mode, 'full'), { skips: 'direct' })
})
