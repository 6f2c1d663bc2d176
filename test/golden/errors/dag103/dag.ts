import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag(
  'dag103',
  // @ts-expect-error not an option
  { description: 'Options that do not exist', scedule: '0 6 * * *' },
  ({ task }) => {
    // @ts-expect-error not an option
    task('load', tell, {}, { retry: 3 })
  },
)
