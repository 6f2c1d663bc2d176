import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag(
  'a_pipeline_with_a_long_name',
  { description: 'Two names make a longer one' },
  ({ task }) => {
    task(`a_${'long_'.repeat(8)}name`, tell, {})
    task(`a_${'longer_'.repeat(6)}name`, tell, {}, { retries: 1 })
  },
)
