import { dag } from 'dagwright'
import { fetchRows, tell } from '../../contracts.ts'

export default dag('dag201', { description: 'A reference in a template' }, ({ task }) => {
  const rows = task('fetch', fetchRows, { source: 'shop' })
  // oxlint-disable-next-line typescript/no-base-to-string -- the mistake under test
  task('load', tell, { note: `${String(rows.manifest.path)}.json` })
})
