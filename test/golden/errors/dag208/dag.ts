import { dag } from 'dagwright'
import { fetchRows } from '../../contracts.ts'

export default dag('dag208', { description: 'Inputs against the contract' }, ({ task }) => {
  // @ts-expect-error unknown and missing
  task('misspelt', fetchRows, { sourse: 'shop' })
  // @ts-expect-error wrong type
  task('wrong_type', fetchRows, { source: 1 })
})
