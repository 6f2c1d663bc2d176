import {
  column,
  dag,
  eq,
  model,
  quality,
  ref,
  sql,
  write,
  z,
  type DagDefinition,
  type Model,
  type TaskHandle,
} from 'dagwright'
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

const { date, float64, int64, json, required, string, timestamp } = column

/** Four layers of SQL as people write it: a table as received, entries made of it, entries by day, and totals. */
const layers: Build = (size) =>
  dag('layers', { description: 'From what was received to marts' }, ({ task, build }) => {
    const partition = { partitionBy: 'day' } as const
    const trusted: Model[] = []
    for (let index = 0; index < size; index += 4) {
      const raw = model({
        ...partition,
        layer: 'raw',
        dataset: 'bench_raw',
        table: `received_${index}`,
        description: 'As received',
        columns: {
          object: required(string('name of the object')),
          source: string('who was asked'),
          payload: json('body'),
          requested_at: timestamp('when'),
          day: date('day of the run'),
        },
        primaryKey: ['object'],
        retentionDays: null,
      })
      task(`load_${index}`, load, { page: index }, { writes: [raw] })
      const entry = model({
        ...partition,
        layer: 'tru',
        dataset: 'bench_tru',
        table: `entry_${index}`,
        description: 'Entries, latest state',
        columns: {
          id: required(int64('id')),
          kind: required(string('kind')),
          title: string('title'),
          amount: float64('amount'),
          changed_at: timestamp('last change'),
          day: date('last seen'),
        },
        primaryKey: ['id'],
        retentionDays: 1825,
        write: write.merge({ gone: write.delete() }),
        sql: sql`
WITH newest AS (
  SELECT object, payload FROM ${raw} WHERE day = ${sql.run.date}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY source ORDER BY requested_at DESC) = 1
),
items AS (
  SELECT object, item, position
  FROM newest CROSS JOIN UNNEST(JSON_QUERY_ARRAY(newest.payload, '$.data.items')) AS item WITH OFFSET AS position
),
typed AS (
  SELECT SAFE_CAST(JSON_VALUE(item, '$.id') AS INT64) AS id, IFNULL(JSON_VALUE(item, '$.kind'), 'none') AS kind,
    TRIM(JSON_VALUE(item, '$.title')) AS title, SAFE_CAST(JSON_VALUE(item, '$.amount') AS FLOAT64) AS amount,
    TIMESTAMP_SECONDS(SAFE_CAST(JSON_VALUE(item, '$.changed') AS INT64)) AS changed_at, position
  FROM items
)
SELECT id, kind, title, CASE WHEN kind = 'refund' THEN -amount ELSE amount END AS amount, changed_at
FROM typed
WHERE id IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY changed_at DESC, position) = 1`,
        tests: [quality.notNull('kind'), quality.expression('amounts are sane', sql`ABS(amount) < 1e9`)],
      })
      build(entry)
      const other = trusted.at(-1) ?? entry
      trusted.push(entry)
      const byDay = model({
        ...partition,
        layer: 'ref',
        dataset: 'bench_ref',
        table: `entry_day_${index}`,
        description: 'Entries by day',
        columns: {
          id: required(int64('id')),
          kind: required(string('kind')),
          title: string('title'),
          other_title: string('title of the one before'),
          amount: float64('amount'),
          share: float64('of its kind'),
          day: date('day of the run'),
        },
        primaryKey: ['id', 'day'],
        retentionDays: 1095,
        write: write.replacePartition(),
        sql: sql`
WITH own AS (SELECT id, kind, title, amount FROM ${entry} WHERE day <= ${sql.run.date}),
others AS (SELECT id, ANY_VALUE(title) AS title FROM ${other} GROUP BY id),
totals AS (SELECT kind, SUM(amount) AS total FROM own GROUP BY kind)
SELECT o.id, o.kind, o.title, n.title AS other_title, o.amount, SAFE_DIVIDE(o.amount, t.total) AS share
FROM own AS o JOIN totals AS t USING (kind) LEFT JOIN others AS n ON n.id = o.id`,
        tests: [quality.relationship('id', ref(entry).id, { severity: 'warn' })],
      })
      build(byDay)
      build(
        model({
          ...partition,
          layer: 'dmt',
          dataset: 'bench_dmt',
          table: `kind_${index}`,
          description: 'Totals by kind',
          columns: {
            kind: required(string('kind')),
            entries: int64('how many'),
            amount: float64('in all'),
            position: int64('rank'),
            day: date('day of the run'),
          },
          primaryKey: ['kind', 'day'],
          retentionDays: 730,
          write: write.replacePartition(),
          sql: sql`
SELECT kind, COUNT(*) AS entries, SUM(amount) AS amount, RANK() OVER (ORDER BY SUM(amount) DESC) AS position
FROM ${byDay} WHERE day = ${sql.run.date} GROUP BY kind`,
          tests: [quality.rowCount({ min: 1 }, { severity: 'warn' })],
        }),
      )
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
  layers,
  mistakes,
}
