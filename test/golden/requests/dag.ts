import { dag, gt, z } from 'dagwright'
import { plan, tell } from '../contracts.ts'

export default dag(
  'requests',
  {
    description: 'Requests to services and addresses, with every part that one can have',
    params: z.object({
      region: z.string().max(20).optional(),
      address: z.string().max(100).default('https://stock.example.com/v1/items?all=1'),
    }),
    defaults: { retries: 2, retryDelay: '10s' },
  },
  ({ run, params, task, http, shortCircuit }) => {
    const planned = task('make_plan', plan, {})
    const closed = http(
      'close_books',
      {
        service: 'billing',
        path: '/close',
        method: 'POST',
        query: { day: run.date, region: params.region, dry: false },
        body: { day: planned.day, count: planned.count, by: ['dagwright'] },
        response: z.object({
          invoices: z.int(),
          note: z.string().max(100).optional(),
          items: z
            .array(z.object({ id: z.string().max(50), price: z.object({ amount: z.number() }) }))
            .max(20),
        }),
      },
      { timeout: '2m' },
    )
    task('tell_invoices', tell, {
      value: { first: closed.body.items[0].price.amount, all: closed.body, status: closed.status },
    })
    shortCircuit('any_invoice', gt(closed.body.invoices, 0), { skips: 'all' })

    const stock = http('read_stock', {
      url: params.address,
      auth: 'oidc',
      headers: { 'X-Region': params.region, Accept: 'application/json' },
      response: z.object({ id: z.string().max(36) }).loose(),
    })
    http('book_stock', {
      url: 'https://stock.example.com/v1/bookings',
      method: 'PUT',
      auth: 'oauth2',
      headers: { 'X-Item': stock.body.id },
      body: { item: stock.body.id, keep: null },
    })
    http('tell_shop', {
      service: 'shop',
      method: 'PATCH',
      headers: { 'X-Region': params.region, 'X-Old': null },
      idempotency: 'idempotent',
    })
    http('ping', { url: 'https://shop.example.com/ping' }, { retries: 0 })
  },
)
