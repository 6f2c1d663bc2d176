import { dag, pubsub, secret, webhook } from 'dagwright'
import { listFiles, loadFiles } from '../contracts.ts'

const partners = ['acme', 'globex', 'initech', 'umbrella']

/** A pool, and hooks: two loads at a time, and a chat that hears of failures. */
export default dag(
  'load_partners',
  {
    description: 'Loads the files of every partner',
    pools: { database: 2 },
    defaults: { retries: 2, retryDelay: '1m' },
    failRunOn: 'any',
    logTasks: 'all',
    onSuccess: pubsub('pipeline-events'),
    onFailure: [pubsub('pipeline-events'), webhook({ url: secret('chat-webhook'), format: 'chat' })],
  },
  ({ run, task, group }) => {
    for (const partner of partners) {
      group(partner, () => {
        const list = task(`list_${partner}`, listFiles, { day: run.date, partner })
        task(`load_${partner}`, loadFiles, { files: list.files }, { pool: 'database' })
      })
    }
  },
)
