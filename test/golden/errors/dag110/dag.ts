import { cron, dag, z } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag(
  'dag110',
  {
    description: 'Nobody could give the region',
    schedule: cron('0 6 * * *', 'Etc/UTC'),
    params: z.object({ region: z.string(), limit: z.int().default(10) }),
  },
  ({ params, task }) => {
    task('load', tell, { note: params.region })
  },
)
