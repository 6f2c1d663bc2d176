import { dag } from 'dagwright'
import { tell } from '../contracts.ts'

export default dag(
  'levels',
  { description: 'An N: no series-parallel structure, so barriers' },
  ({ task }) => {
    const start = task('start', tell, {})
    const a = task('a', tell, {}, { after: start })
    const b = task('b', tell, {}, { after: start })
    const c = task('c', tell, {}, { after: a })
    const d = task('d', tell, {}, { after: [a, b] })
    task('done', tell, {}, { after: [c, d] })
  },
)
