import { dag } from 'dagwright'
import { fetchRows, tell } from '../../contracts.ts'

export default dag('dag302', { description: 'After what is no task' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  // @ts-expect-error an id is no task
  task('after_id', tell, {}, { after: 'fetch' })
  // @ts-expect-error a field is no task
  task('after_field', tell, {}, { after: [rows.objects] })
})
