import { cron, dag, z } from 'dagwright'
import { fetchRows, loadRows } from '../contracts.ts'

export default dag(
  'chain',
  {
    description: 'Two steps, one after the other',
    schedule: cron('0 6 * * *', 'America/Sao_Paulo'),
    params: z.object({ source: z.string().default('shop') }),
    defaults: { retries: 3, retryDelay: '30s', retryBackoff: 2, maxRetryDelay: '10m' },
  },
  ({ run, params, task }) => {
    const rows = task('fetch_rows', fetchRows, { source: params.source, date: run.date })
    task('load_rows', loadRows, { objects: rows.objects }, { timeout: '1h' })
  },
)
