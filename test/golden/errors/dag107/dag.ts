import { cron, dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag(
  'dag107',
  { description: 'No such zone', schedule: cron('0 6 * * *', 'America/Brasilia') },
  ({ task }) => {
    task('load', tell, {})
  },
)
