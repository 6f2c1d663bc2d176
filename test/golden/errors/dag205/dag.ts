import { dag } from 'dagwright'
import { fetchRows, loadRows } from '../../contracts.ts'

export default dag('dag205', { description: 'A field that is not there' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  // @ts-expect-error no such field
  task('load', loadRows, { objects: rows.object })
})
