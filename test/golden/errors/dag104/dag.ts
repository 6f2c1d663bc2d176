import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag104', { description: '', maxActiveRuns: 0 }, ({ task }) => {
  task('load', tell, {}, { retries: -1, retryBackoff: 0.5 })
})
