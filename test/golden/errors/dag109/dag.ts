import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag109', { description: 'Declared asynchronously' }, async ({ task }) => {
  await Promise.resolve()
  task('load', tell, {})
})
