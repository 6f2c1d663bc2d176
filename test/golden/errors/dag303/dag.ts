import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag303', { description: 'Rules right after a setup' }, ({ task, group, empty }) => {
  const open = task('open', tell, {}, { setup: true })
  task('whatever', tell, {}, { after: open, triggerRule: 'all_done' })
  group('work', () => task('in_group', tell, {}, { triggerRule: 'one_success' }), { after: open })
  task('close', tell, {}, { teardownOf: open })
  const between = empty('between', { after: open })
  task('fine', tell, {}, { after: between, triggerRule: 'all_done' })
})
