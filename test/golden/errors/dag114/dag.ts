import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag(
  'dag114',
  { description: 'Pools that are not there', pools: { database: 2 }, defaults: { pool: 'databse' } },
  ({ task }) => {
    task('unknown', tell, {}, { pool: 'data_base' })
    task('too_many', tell, {}, { pool: { name: 'database', slots: 3 } })
    task('fine', tell, {}, { pool: 'database' })
  },
)
