import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag113', { description: 'Setups and teardowns that are none' }, ({ task }) => {
  const plain = task('plain', tell, {})
  const open = task('open', tell, {}, { setup: true })
  task('not_setup', tell, {}, { teardownOf: plain })
  // @ts-expect-error a teardown has no trigger rule
  task('with_rule', tell, {}, { teardownOf: open, triggerRule: 'all_done' })
  // @ts-expect-error a task is a setup or a teardown
  task('both', tell, {}, { teardownOf: open, setup: true })
  // @ts-expect-error only teardowns
  task('fails_run', tell, {}, { failsRun: true })
  task('of_nothing', tell, {}, { teardownOf: [] })
})
