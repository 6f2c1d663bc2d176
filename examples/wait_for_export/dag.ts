import { cron, dag, objectExists, text } from 'dagwright'
import { listFiles, loadFiles } from '../contracts.ts'

/** A sensor: another system says with an object that it has finished. */
export default dag(
  'wait_for_export',
  {
    description: 'Loads the export of the shop system once it is complete',
    schedule: cron('0 3 * * *', 'Etc/UTC'),
  },
  ({ run, task, sensor }) => {
    const complete = sensor(
      'export_complete',
      objectExists({ bucket: 'shop-exports', object: text`sales/${run.date}/_SUCCESS` }),
      { pokeInterval: '2m', timeout: '6h', softFail: true },
    )
    const list = task('list_files', listFiles, { day: run.date }, { after: complete })
    task('load_files', loadFiles, { files: list.files })
  },
)
