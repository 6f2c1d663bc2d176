import { cron, dag, z } from 'dagwright'
import prices from '../publish_prices/dag.ts'

/** Triggers: a DAG that starts others, and waits for one of them. */
export default dag(
  'nightly',
  {
    description: 'Starts what has to happen each night, in order',
    schedule: cron('0 1 * * *', 'Europe/Berlin'),
    params: z.object({ region: z.enum(['north', 'south']).default('north') }),
  },
  ({ params, trigger }) => {
    const exported = trigger('run_export', { dag: 'wait_for_export', wait: true }, { timeout: '8h' })
    trigger('run_prices', { dag: prices, params: { region: params.region } }, { after: exported })
  },
)
