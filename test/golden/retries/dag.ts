import { dag, gt } from 'dagwright'
import { fetchRows, send, tell } from '../contracts.ts'

export default dag(
  'retries',
  {
    description: 'How often tasks are tried again, after how long, and how much time a try has',
    defaults: { retries: 2, retryDelay: '1m', timeout: '5m' },
  },
  ({ task, branch, empty }) => {
    const rows = task(
      'growing',
      fetchRows,
      { source: 'shop' },
      { retries: 4, retryDelay: '30s', retryBackoff: 3, maxRetryDelay: '5m', timeout: '2m' },
    )
    const constant = task('constant', tell, { value: rows.count })
    task('once', tell, {}, { retries: 0, timeout: '30s', after: constant })
    task('sent_once', send, { to: 'team' }, { retryBackoff: 2, after: constant })
    const large = branch('is_any', { cases: { some: gt(rows.count, 0) }, otherwise: 'none' })
    empty('some', { after: large.case('some') })
    empty('none', { after: large.case('none') })
  },
)
