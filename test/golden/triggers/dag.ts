import { dag, eq, z } from 'dagwright'
import { plan, tell } from '../contracts.ts'

const prices = dag(
  'prices',
  { description: 'Another DAG', params: z.object({ mode: z.string(), pages: z.array(z.int()).default([]) }) },
  ({ empty }) => {
    empty('nothing')
  },
)

export default dag(
  'triggers',
  { description: 'Runs of other DAGs, waited for and not', defaults: { retries: 2, retryDelay: '30s' } },
  ({ task, trigger, shortCircuit }) => {
    const planned = task('make_plan', plan, {})
    const full = trigger(
      'run_prices',
      { dag: prices, params: { mode: planned.mode, pages: [1, 2] }, wait: true },
      { timeout: '1h' },
    )
    const other = trigger(
      'run_prices_of_day',
      { dag: prices, params: { mode: 'delta' }, logicalDate: planned.day },
      { after: full, retries: 0 },
    )
    trigger('run_stock', { dag: 'stock' })
    task('tell_runs', tell, { value: [full.run_id, full.execution, full.state, other] })
    shortCircuit('went_well', eq(full.state, 'success'), { skips: 'all' })
  },
)
