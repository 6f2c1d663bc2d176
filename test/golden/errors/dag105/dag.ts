import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag105', { description: 'Durations that are none' }, ({ task }) => {
  // @ts-expect-error not a duration
  task('load', tell, {}, { timeout: '1.5 hours', retryDelay: '0s' })
})
