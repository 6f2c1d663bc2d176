import { cron, dag } from 'dagwright'
import { tell } from '../../contracts.ts'

const options = {
  description: 'Not unix-cron',
  schedule: cron('0 6 L * *', 'Etc/UTC'),
}

export default dag('dag106', options, ({ task }) => {
  task('load', tell, {})
})
