// #region dag
import { cron, dag, z } from '../../dsl/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'

export const fetchOrders = defineContract({
  name: 'shop/fetch-orders',
  image: 'steps',
  input: z.object({ shop: z.string(), day: z.iso.date() }),
  output: z.object({ orders: z.array(z.object({ id: z.int(), total: z.number() })) }),
})

export const loadOrders = defineContract({
  name: 'shop/load-orders',
  image: 'steps',
  input: fetchOrders.output,
  output: z.object({ rows: z.int() }),
})

const tellTeam = defineContract({
  name: 'shop/tell-team',
  image: 'steps',
  input: z.object({ rows: z.int() }),
  output: z.object({ sent: z.boolean() }),
})

export default dag(
  'shop',
  {
    description: 'Orders of a shop, loaded every morning',
    schedule: cron('0 6 * * *', 'America/Sao_Paulo'),
    params: z.object({ shop: z.string().default('main') }),
    defaults: { retries: 2, retryDelay: '5m' },
  },
  ({ run, params, task }) => {
    const fetched = task('fetch_orders', fetchOrders, { shop: params.shop, day: run.date })
    const loaded = task('load_orders', loadOrders, { orders: fetched.orders })
    task('tell_team', tellTeam, { rows: loaded.rows })
  },
)
// #endregion
