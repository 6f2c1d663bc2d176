import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag102', { description: 'One id for two tasks' }, ({ task, group }) => {
  task('load', tell, {})
  group('loads', () => {
    task('load', tell, {})
  })
})
