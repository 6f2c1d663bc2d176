import { dag } from 'dagwright'
import { fetchRows } from '../../contracts.ts'

export default dag('dag204', { description: 'A reference as a promise' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  // @ts-expect-error not a promise
  rows.then(() => null)
})
