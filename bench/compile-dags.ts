import { column, dag, eq, model, sql, z, type DagDefinition, type Model, type TaskHandle } from 'dagwright'
import { defineContract } from 'dagwright/steps'

/** Shapes of DAGs of any size, each with the structure that one stage of the compiler finds hardest. */

const cases = ['case_0', 'case_1', 'case_2', 'case_3', 'case_4', 'case_5', 'case_6', 'case_7'] as const

const load = defineContract({
  name: 'bench/load',
  image: 'steps',
  input: z.object({ page: z.int(), objects: z.array(z.string()).optional(), rows: z.unknown().optional() }),
  output: z.object({
    objects: z.array(z.string()),
    rows: z.int(),
    mode: z.enum(cases),
    pages: z.array(z.int()).max(10),
  }),
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

/** Groups of ten groups of ten tasks, each group after the one before it. */
const groups: Build = (size) =>
  dag('groups', { description: 'Groups in groups, one after another' }, ({ task, group }) => {
    for (let outer = 0; outer < size; outer += 100) {
      let inner: TaskHandle[] = []
      group(`outer_${outer}`, () => {
        for (let index = outer; index < Math.min(size, outer + 100); index += 10) {
          const made = group(
            `inner_${index}`,
            () =>
              Array.from({ length: Math.min(10, size - index) }, (_, own) =>
                task(`task_${index + own}`, load, { page: own }),
              ),
            { after: inner },
          )
          inner = made.value
        }
      })
    }
  })

/** Twenty lanes for all tasks, of which every tenth takes three. */
const pools: Build = (size) =>
  dag('pools', { description: 'More tasks than slots', pools: { lanes: 20 } }, ({ task }) => {
    const tasks: TaskHandle[] = []
    for (let index = 0; index < size; index++) {
      const after = index % 3 === 0 ? [] : tasks.slice(Math.max(0, index - 1))
      const pool = { name: 'lanes', slots: index % 10 === 0 ? 3 : 1 }
      tasks.push(task(`task_${index}`, load, { page: index }, { after, pool }))
    }
  })

/** Branches of eight cases, each behind the join of the one before, and short circuits. */
const choices: Build = (size) =>
  dag('choices', { description: 'Branches and joins' }, ({ task, branch, shortCircuit, empty }) => {
    let start = task('start', load, { page: 0 })
    for (let index = 1; index < size; index += 12) {
      const gate = shortCircuit(`gate_${index}`, eq(start.rows, 0), { skips: 'direct' })
      const on = branch(`branch_${index}`, { on: start.mode, cases }, { after: gate })
      const ends = cases.map((name, own) =>
        task(`task_${index}_${own}`, load, { page: own }, { after: on.case(name) }),
      )
      const join = empty(`join_${index}`, { after: ends, triggerRule: 'none_failed_min_one_success' })
      start = task(`load_${index}`, load, { page: index }, { after: join })
    }
  })

/** Maps and mapped groups of two tasks. */
const maps: Build = (size) =>
  dag('maps', { description: 'Tasks over lists' }, ({ task, map, mapGroup }) => {
    for (let index = 0; index < size; index += 5) {
      const list = task(`list_${index}`, load, { page: index })
      const pages = map(`map_${index}`, load, { page: list.pages }, { maxConcurrent: 5 })
      mapGroup(`group_${index}`, list.pages, (page) => {
        const first = task(`first_${index}`, load, { page })
        task(`second_${index}`, load, { page: first.rows })
      })
      task(`sum_${index}`, load, { page: index, rows: pages.outputs })
    }
  })

/** Models that each read the three before them. */
const models: Build = (size) =>
  dag('models', { description: 'Tables from tables' }, ({ build }) => {
    const made: Model[] = []
    for (let index = 0; index < size; index++) {
      const above = [1, 2, 3].flatMap((back) => made[index - back] ?? [])
      const from = above.map((each) => sql`SELECT id FROM ${each}`)
      const rows = from.reduce((all, each) => sql`${all} UNION ALL ${each}`, sql`SELECT 1 AS id`)
      const table = model({
        layer: 'tru',
        dataset: 'bench_tru',
        table: `table_${index}`,
        description: 'Rows',
        columns: { id: column.int64('number') },
        primaryKey: ['id'],
        retentionDays: null,
        sql: (self) => sql`INSERT INTO ${self} SELECT id FROM (${rows})`,
      })
      build(table)
      made.push(table)
    }
  })

/** A mistake in every task. */
const mistakes: Build = (size) =>
  dag('mistakes', { description: 'Refused' }, ({ task }) => {
    for (let index = 0; index < size; index++)
      task(`task_${index}`, load, { page: 'one' as unknown as number }, { retries: -1 })
  })

export const shapes: Readonly<Record<string, Build>> = {
  layered,
  chain,
  wide,
  joins,
  setups,
  groups,
  pools,
  choices,
  maps,
  models,
  mistakes,
}
