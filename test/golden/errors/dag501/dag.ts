import { dag } from 'dagwright'
import { tell } from '../../contracts.ts'

export default dag('dag501', { description: 'More than one source holds' }, ({ task }) => {
  for (let index = 0; index < 70; index++) {
    task(`part_${index}`, tell, { note: 'x'.repeat(100) }, { retries: 50, timeout: '24h' })
  }
})
