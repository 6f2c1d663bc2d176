import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('shop', { description: 'Another id than its folder' }, ({ task }) => {
  task('load', tell, {})
})
