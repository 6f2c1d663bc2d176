import { dag } from 'dagwright'
import { send, tell } from '../contracts.ts'

export default dag(
  'non_idempotent',
  { description: 'A step that must not run twice is retried only where it cannot have run' },
  ({ task }) => {
    const mail = task('send_mail', send, { to: 'team' }, { retries: 2, retryDelay: '1m', retryBackoff: 1.5 })
    task('tell_id', tell, { note: mail.id }, { retries: 2 })
  },
)
