import { dag } from 'dagwright'
import { fetchRows, loadRows } from '../../contracts.ts'

export default dag(
  'dag508',
  { description: 'More memory than there is, if all goes as it can' },
  ({ task }) => {
    for (let index = 0; index < 16; index++) {
      const rows = task(`fetch_${index}`, fetchRows, { source: 'shop' })
      task(`load_${index}`, loadRows, { objects: rows.objects })
    }
  },
)
