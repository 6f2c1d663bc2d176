import { dag, pubsub, secret, webhook } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag(
  'dag115',
  { description: 'Hooks that are none', onFailure: [pubsub('x'), webhook({ url: secret('not a name') })] },
  ({ task }) => {
    // @ts-expect-error a function is no hook
    task('function', tell, {}, { onFailure: () => 'failed' })
    task('address', tell, {}, { onSuccess: webhook({ url: 'chat.example.com' }) })
    task('signed', tell, {}, { onSuccess: webhook({ url: secret('chat'), auth: 'oidc' }) })
    // @ts-expect-error no such format
    task('format', tell, {}, { onSuccess: webhook({ url: 'https://chat.example.com', format: 'mail' }) })
  },
)
