import { dag, type Ref } from 'dagwright'
import { fetchRows, tell } from '../../contracts.ts'

let count: Ref<number> | undefined

dag('other', { description: 'Another DAG' }, ({ task }) => {
  count = task('fetch', fetchRows, { source: 'shop' }).count
})

export default dag('dag209', { description: 'A reference of another DAG' }, ({ task }) => {
  task('load', tell, { value: count })
})
