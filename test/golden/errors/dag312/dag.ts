import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag312', { description: 'Always, and yet after another' }, ({ task }) => {
  const first = task('first', tell, {})
  task('second', tell, {}, { after: first, triggerRule: 'always' })
  task('third', tell, {}, { triggerRule: 'always' })
})
