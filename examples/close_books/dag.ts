import { cron, dag, gt, z } from 'dagwright'
import { loadOrders } from '../contracts.ts'

/** An HTTP task: a Cloud Run service does the work, and says what came of it. */
export default dag(
  'close_books',
  { description: 'Lets the billing service close the day', schedule: cron('30 23 * * *', 'Europe/Berlin') },
  ({ run, task, http, shortCircuit }) => {
    const closed = http(
      'close_day',
      {
        service: 'billing',
        path: '/close',
        method: 'POST',
        body: { day: run.date },
        response: z.object({ invoices: z.int() }),
        idempotency: 'idempotent',
      },
      { retries: 2 },
    )
    const anyInvoice = shortCircuit('any_invoice', gt(closed.body.invoices, 0), { skips: 'direct' })
    task('load_orders', loadOrders, { since: run.date }, { after: anyInvoice })
  },
)
