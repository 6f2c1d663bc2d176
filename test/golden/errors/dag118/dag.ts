import { all, dag, isTrue, not } from 'dagwright'
import { plan, tell } from '../../contracts.ts'

export default dag(
  'dag118',
  { description: 'Conditions that are none' },
  ({ task, branch, shortCircuit }) => {
    const made = task('plan', plan, {})
    // @ts-expect-error compared while the DAG is declared
    shortCircuit('computed', made.count === 1, { skips: 'all' })
    // @ts-expect-error a text is no condition
    const mode = branch('mode', { cases: { full: 'full', delta: all(isTrue(made.complete), not(true)) } })
    task('full', tell, {}, { after: mode.case('full') })
    task('delta', tell, {}, { after: mode.case('delta') })
  },
)
