import { dag, z, type DagDefinition, type TaskHandle } from 'dagwright'
import { defineContract } from 'dagwright/steps'

/** Shapes of DAGs of any size, each with the structure that one stage of the compiler finds hardest. */

const load = defineContract({
  name: 'bench/load',
  image: 'steps',
  input: z.object({ page: z.int(), objects: z.array(z.string()).optional() }),
  output: z.object({ objects: z.array(z.string()), rows: z.int() }),
  timeout: '10m',
})

type Build = (size: number) => DagDefinition

/** Every task after three of the forty before it: no series-parallel structure anywhere. */
const layered: Build = (size) =>
  dag('layered', { description: 'Three upstream tasks each' }, ({ task }) => {
    const tasks: TaskHandle[] = []
    for (let index = 0; index < size; index++) {
      const above = [7, 19, 37].flatMap((back) => tasks[index - back] ?? [])
      tasks.push(task(`task_${index}`, load, { page: index }, { after: above }))
    }
  })

const chain: Build = (size) =>
  dag('chain', { description: 'One after another' }, ({ task }) => {
    let last: TaskHandle | null = null
    for (let index = 0; index < size; index++)
      last = task(`task_${index}`, load, { page: index }, last === null ? {} : { after: last })
  })

const wide: Build = (size) =>
  dag('wide', { description: 'All side by side' }, ({ task }) => {
    for (let index = 0; index < size; index++) task(`task_${index}`, load, { page: index })
  })

/** Forty tasks between two joins, again and again, with data from task to task. */
const joins: Build = (size) =>
  dag('joins', { description: 'Fan out and in' }, ({ task }) => {
    let start = task('start', load, { page: 0 })
    for (let index = 1; index < size; index += 41) {
      const part = Array.from({ length: Math.min(40, size - index) }, (_, own) =>
        task(`task_${index + own}`, load, { page: own, objects: start.objects }),
      )
      start = task(`join_${index}`, load, { page: index }, { after: part })
    }
  })

/** Setups look far down, teardowns far up. */
const setups: Build = (size) =>
  dag('setups', { description: 'Setups and teardowns, one pair after another' }, ({ task }) => {
    let last: TaskHandle[] = []
    for (let index = 0; index < size; index += 50) {
      const open = task(`open_${index}`, load, { page: index }, { setup: true, after: last })
      const fetched = task(`fetch_${index}`, load, { page: index }, { after: open })
      const work = Array.from({ length: 47 }, (_, own) =>
        task(`work_${index + own}`, load, { page: own }, { after: fetched }),
      )
      last = [task(`close_${index}`, load, { page: index }, { teardownOf: open, after: work })]
    }
  })

export const shapes: Readonly<Record<string, Build>> = { layered, chain, wide, joins, setups }
