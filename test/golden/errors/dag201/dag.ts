import { dag } from 'dagwright'
import { fetchRows, tell } from '../../contracts.ts'

export default dag('dag201', { description: 'A reference in a template' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  task('load', tell, { note: `${String(rows.manifest.path as unknown)}.json` })
})
