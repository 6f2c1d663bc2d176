import { dag } from 'dagwright'
import { fetchRows } from '../../contracts.ts'

export default dag('dag206', { description: 'A reference is changed' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  // @ts-expect-error read-only
  rows.count = 0
})
