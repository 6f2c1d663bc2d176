import { dag, type TaskRef, type StepOutput } from 'dagwright'
import { tell } from '../../contracts.ts'

let later: (() => TaskRef<StepOutput<typeof tell>>) | undefined

const definition = dag('dag108', { description: 'A task that comes too late' }, ({ task }) => {
  later = () => task('late', tell, {})
  task('load', tell, {})
})

later?.()

export default definition
