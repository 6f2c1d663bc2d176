import { dag } from 'dagwright'
import { deleteCluster, runReport, startCluster } from '../contracts.ts'

/** Setup and teardown: the cluster goes away, however the reports end. */
export default dag(
  'report_cluster',
  { description: 'Runs the heavy reports on a cluster that lives no longer than they take' },
  ({ task }) => {
    const started = task('start_cluster', startCluster, { size: 4 }, { setup: true })
    const { cluster } = started
    const sales = task('sales_report', runReport, { cluster, report: 'sales' })
    const stock = task('stock_report', runReport, { cluster, report: 'stock' })
    task(
      'delete_cluster',
      deleteCluster,
      { cluster },
      { teardownOf: started, after: [sales, stock], retries: 5 },
    )
  },
)
