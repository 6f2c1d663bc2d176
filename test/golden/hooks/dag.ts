import { dag, pubsub, secret, webhook, z } from 'dagwright'
import { loadRows, fetchRows } from '../contracts.ts'

/** Who is told of runs and of tasks, each way; every task is logged. */
export default dag(
  'hooks',
  {
    description: 'Tells others how its runs and its tasks end',
    params: z.object({ source: z.string().default('shop') }),
    defaults: { retries: 1, retryDelay: '10s' },
    logTasks: 'all',
    onSuccess: pubsub('pipeline-events'),
    onFailure: [
      pubsub('pipeline-events'),
      webhook({ url: secret('chat-webhook'), format: 'chat' }),
      webhook({ url: 'https://alerts.example.com/runs', auth: 'oidc' }),
    ],
  },
  ({ task, params }) => {
    const rows = task(
      'fetch_rows',
      fetchRows,
      { source: params.source },
      {
        onFailure: [
          webhook({ url: 'https://alerts.example.com/tasks', format: 'chat' }),
          webhook({ url: secret('task-webhook') }),
        ],
      },
    )
    task('load_rows', loadRows, { objects: rows.objects }, { onSuccess: pubsub('loads') })
  },
)
