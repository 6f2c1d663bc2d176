import { dag } from 'dagwright'
import { fetchPage, plan, tell } from '../contracts.ts'

export default dag(
  'pools',
  {
    description: 'Tasks that share what is scarce: at most two slots of a database at once',
    pools: { database: 2, mail: 1 },
  },
  ({ task, map, mapGroup }) => {
    const planned = task('plan', plan, {}, { pool: 'database' })
    const small = { pool: 'database' } as const
    const parts = ['a', 'b', 'c'].map((name) =>
      task(`copy_${name}`, tell, { note: name }, { ...small, after: planned }),
    )
    task('rebuild', tell, {}, { pool: { name: 'database', slots: 2 }, after: planned })
    map('fetch', fetchPage, { page: planned.pages }, small)
    mapGroup('mails', planned.names, (name) => task('mail', tell, { note: name }, { pool: 'mail' }))
    task('done', tell, {}, { after: parts })
  },
)
