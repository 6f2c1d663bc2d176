import { dag } from 'dagwright'
import { countPages, fetchPage, loadPages } from '../contracts.ts'

/** A mapped task: as many fetches as there are pages, five at a time; one in ten may fail. */
export default dag(
  'load_pages',
  {
    description: 'Fetches a catalogue page by page',
    defaults: { retries: 3, retryDelay: '30s', retryBackoff: 2 },
  },
  ({ run, task, map }) => {
    const list = task('count_pages', countPages, { day: run.date })
    const pages = map(
      'fetch_page',
      fetchPage,
      { page: list.pages },
      { partial: { day: run.date }, maxConcurrent: 5, tolerateFailed: '10%' },
    )
    task('load_pages', loadPages, { pages: pages.outputs })
  },
)
