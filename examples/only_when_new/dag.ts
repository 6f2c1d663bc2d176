import { cron, dag, gt } from 'dagwright'
import { listFiles, loadFiles } from '../contracts.ts'

/** A short circuit: without new files there is nothing to do. */
export default dag(
  'only_when_new',
  {
    description: 'Loads the files that partners have left, if there are any',
    schedule: cron('*/15 * * * *', 'Etc/UTC'),
  },
  ({ run, task, shortCircuit }) => {
    const list = task('list_files', listFiles, { day: run.date })
    const anyNew = shortCircuit('any_new', gt(list.count, 0), { skips: 'all' })
    task('load_files', loadFiles, { files: list.files }, { after: anyNew })
  },
)
