import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag101', { description: 'Ids that are no ids' }, ({ task, group }) => {
  task('LoadRaw', tell, {})
  task('finish_run', tell, {})
  group('a group', () => {})
})
