import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

const config = undefined as unknown as { readonly id: string }

export default dag(config.id, { description: 'Throws while it is loaded' }, ({ task }) => {
  task('load', tell, {})
})
