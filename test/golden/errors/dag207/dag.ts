import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag207', { description: 'Inputs that JSON cannot carry' }, ({ task }) => {
  task('load', tell, { value: { since: new Date(0), big: 1n } })
  // @ts-expect-error not an object
  task('load_none', tell, null)
})
