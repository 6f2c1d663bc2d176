import { dag } from 'dagwright'
import { tell } from '../contracts.ts'

export default dag(
  'approvals',
  {
    description: 'A person decides: each end that a decision can have',
    defaults: { retries: 1, retryDelay: '1m' },
  },
  ({ task, approval, branch, empty, shortCircuit }) => {
    const publish = approval('publish', { message: 'Publish the prices of today?' }, { timeout: '12h' })
    task('tell_publisher', tell, { value: publish.by, note: 'published' })
    const remove = approval(
      'remove',
      { message: 'Remove "old" prices?', onReject: 'fail', onTimeout: 'skip' },
      { timeout: '1h' },
    )
    task('tell_remover', tell, { value: remove })
    shortCircuit('removed', remove.approved, { skips: 'direct' })
    const named = branch('who', { on: publish.by, cases: ['ana'], otherwise: 'others' })
    task('tell_ana', tell, {}, { after: named.case('ana') })
    empty('told_nobody', { after: named.case('others') })
  },
)
