import { dag, outputsOf } from 'dagwright'
import { fetchPage, plan, tell } from '../../contracts.ts'

export default dag('dag211', { description: 'References out of reach' }, ({ task, map, mapGroup }) => {
  const made = task('plan', plan, {})
  const pages = mapGroup('pages', made.pages, (page) => {
    const fetched = task('fetch', fetchPage, { page })
    task('tell_all', tell, { value: outputsOf(fetched) })
    return { page, fetched }
  })
  task('tell_one', tell, { value: pages.value.fetched.rows })
  task('tell_item', tell, { value: pages.value.page })
  task('tell_list', tell, { value: outputsOf(made) })
  const mapped = map('mapped', fetchPage, { page: made.pages })
  task('tell_mapped', tell, { value: mapped.outputs })
  task('tell_field', tell, { value: outputsOf(pages.value.fetched.rows) })
})
