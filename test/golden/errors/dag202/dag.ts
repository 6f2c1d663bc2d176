import { dag } from 'dagwright'
import { fetchRows, tell } from '../../contracts.ts'

export default dag('dag202', { description: 'A reference as JSON' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  task('load', tell, { note: JSON.stringify({ count: rows.count }) })
})
