import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export const shop = dag('dag504', { description: 'Not the default export' }, ({ task }) => {
  task('load', tell, {})
})
