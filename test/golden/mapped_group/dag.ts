import { dag, outcomesOf, outputsOf } from 'dagwright'
import { fetchPage, plan, tell } from '../contracts.ts'

export default dag(
  'mapped_group',
  { description: 'Two tasks per page, two pages at work at once; one page may fail' },
  ({ run, task, mapGroup }) => {
    const planned = task('plan', plan, { day: run.date })
    const pages = mapGroup(
      'pages',
      planned.pages,
      (page) => {
        const fetched = task('fetch', fetchPage, { page, day: planned.day })
        const told = task('tell_page', tell, { value: [fetched.rows, page] })
        return { fetched, told }
      },
      { maxConcurrent: 2, tolerateFailed: 1 },
    )
    const { fetched, told } = pages.value
    task('tell_all', tell, { value: outputsOf(told) }, { after: pages })
    task('tell_ends', tell, { value: outcomesOf(fetched) }, { triggerRule: 'all_done', after: pages })
  },
)
