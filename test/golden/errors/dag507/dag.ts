import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag507', { description: 'With a chart that is none' }, ({ task }) => {
  task('load', tell, {})
})
