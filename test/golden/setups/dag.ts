import { dag } from 'dagwright'
import { fetchRows, loadRows, tell } from '../contracts.ts'

export default dag(
  'setups',
  {
    description:
      'What tasks need is made ready and cleaned up behind them; one cleaning fails the run if it fails',
    defaults: { retries: 1, retryDelay: '10s' },
  },
  ({ task, group }) => {
    const opened = task('open_store', tell, { note: 'open' }, { setup: true })
    const rows = task('fetch_rows', fetchRows, { source: 'shop' }, { after: opened })
    const rented = task('rent_machine', tell, { note: 'rent' }, { setup: true, after: rows })
    const loads = group('loads', () => {
      const loaded = task('load_rows', loadRows, { objects: rows.objects }, { after: rented })
      return { counted: task('count_rows', tell, { value: loaded.rows }) }
    })
    task('close_store', tell, {}, { teardownOf: opened, after: rows })
    task(
      'return_machine',
      tell,
      {},
      { teardownOf: rented, after: loads.value.counted, failsRun: true, retries: 0 },
    )
    task('report', tell, {}, { after: loads })
  },
)
