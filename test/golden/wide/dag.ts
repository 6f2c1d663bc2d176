import { dag } from 'dagwright'
import { tell } from '../contracts.ts'

export default dag(
  'wide',
  { description: 'Twelve tasks side by side: two parallel steps in one' },
  ({ task }) => {
    const all = Array.from({ length: 12 }, (_, index) => task(`part_${index + 1}`, tell, { value: index }))
    task('join', tell, {}, { after: all })
  },
)
