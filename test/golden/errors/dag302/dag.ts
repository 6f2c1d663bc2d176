import { dag } from 'dagwright'
import { fetchRows, plan, tell } from '../../contracts.ts'

export default dag(
  'dag302',
  { description: 'After what is no task' },
  ({ task, branch, empty, mapGroup }) => {
    const rows = task('fetch', fetchRows, { source: 'shop' })
    // @ts-expect-error an id is no task
    task('after_id', tell, {}, { after: 'fetch' })
    // @ts-expect-error a field is no task
    task('after_field', tell, {}, { after: [rows.objects] })
    const made = task('plan', plan, {})
    const pages = mapGroup('pages', made.pages, () => {
      const which = branch('which', { on: made.mode, cases: ['full'] })
      empty('full', { after: which.case('full') })
      return which
    })
    empty('after_case_of_instance', { after: pages.value.case('full') })
  },
)
