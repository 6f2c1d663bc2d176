import { dag } from 'dagwright'
import { fetchRows, tell } from '../../contracts.ts'

export default dag('dag203', { description: 'A loop over a reference' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  // @ts-expect-error not iterable
  for (const object of rows.objects) {
    task('load', tell, { value: object })
  }
})
