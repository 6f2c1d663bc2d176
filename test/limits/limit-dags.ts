import { column, dag, model, sql, z, type DagDefinition } from '../../dsl/index.ts'
import { defineContract } from '../../steps/runtime/contract.ts'

/** DAGs that use as much of one limit as they are told to. */
export type Build = (amount: number) => DagDefinition

const load = defineContract({
  name: 'limits/load',
  image: 'steps',
  input: z.object({
    page: z.int().default(0),
    note: z.string().default(''),
    texts: z.array(z.string()).default([]),
  }),
  output: z.object({ texts: z.array(z.string()) }),
  timeout: '1h',
})

const options = { description: 'Uses much' }

export const described: Build = (length) =>
  dag('shop', { description: 'x'.repeat(length) }, ({ task }) => task('load', load, {}))

/** Each byte of a text in the DAG is one of the source. */
export const written: Build = (length) =>
  dag('shop', options, ({ task }) => task('load', load, { note: 'x'.repeat(length) }))

/** A text that reads as an expression is written as one. */
export const expression: Build = (length) =>
  dag('shop', options, ({ task }) => task('load', load, { note: `\${${'x'.repeat(length)}}` }))

/** The id of the job is `<dag>--<task>`. */
export const jobNamed: Build = (length) =>
  dag('a'.repeat(30), options, ({ task }) => task('b'.repeat(length - 32), load, {}))

export const jobs: Build = (count) =>
  dag('shop', options, ({ task }) => {
    for (let index = 0; index < count; index++) task(`t${index}`, load, {})
  })

const sale = { table: 'sale', columns: 'day', script: 'SELECT @reference_date AS dt' }

const building = ({ table, columns, script }: typeof sale) =>
  dag('shop', options, ({ build }) =>
    build(
      model({
        layer: 'ref',
        dataset: 'shop_ref',
        table: 'sale',
        description: table,
        columns: { dt: column.date(columns) },
        primaryKey: ['dt'],
        retentionDays: null,
        sql: sql(Object.assign([script], { raw: [script] })),
      }),
    ),
  )

export const describedTable: Build = (length) => building({ ...sale, table: 'x'.repeat(length) })
export const describedColumn: Build = (length) => building({ ...sale, columns: 'x'.repeat(length) })
export const scripted: Build = (length) => building({ ...sale, script: `SELECT '${'x'.repeat(length)}'` })

/** Waits between tries. */
export const delayed: Build = (minutes) =>
  dag('shop', options, ({ task }) =>
    task('load', load, {}, { retries: 1, retryDelay: `${minutes}m`, maxRetryDelay: `${minutes}m` }),
  )

export const asking: Build = (seconds) =>
  dag('shop', options, ({ http }) => {
    http('ask', { service: 'stock', path: '/all' }, { timeout: `${seconds}s` })
  })

/** Two approvals, the one after the other. */
export const waiting: Build = (minutes) =>
  dag('shop', options, ({ approval }) => {
    const spec = { message: 'Go?', onReject: 'fail', onTimeout: 'fail' } as const
    const first = approval('first', spec, { timeout: `${Math.floor(minutes / 2)}m` })
    approval('second', spec, { timeout: `${Math.ceil(minutes / 2)}m`, after: first })
  })

/** Outputs of no known size from task to task, and params of a known one. */
export const holding: Build = (bytes) =>
  dag('shop', { ...options, params: z.object({ note: z.string().max(bytes).default('') }) }, ({ task }) => {
    let last = task('task_0', load, {})
    for (let index = 1; index < 12; index++) last = task(`task_${index}`, load, { texts: last.texts })
  })

/** With four tries of an hour each, an instance takes some 500 steps. */
export const items: Build = (count) =>
  dag('shop', options, ({ map }) =>
    map('load', load, { page: Array.from({ length: count }, (_, page) => page) }, { retries: 3 }),
  )

/** Params that their schema bounds, of which a text that is known takes the least memory. */
export const given: Build = (bytes) => {
  const params = z.object({ note: z.literal('x'.repeat(bytes)).optional() })
  return dag('shop', { ...options, params }, ({ empty }) => empty('nothing'))
}

/** A rerun may know of each task. */
export const known: Build = (count) =>
  dag('shop', options, ({ empty }) => {
    for (let index = 0; index < count; index++) empty(`t${String(index).padStart(49, '0')}`)
  })

/** Another DAG is given a text. */
export const handed: Build = (length) =>
  dag('shop', options, ({ trigger }) =>
    trigger('other', { dag: 'report', params: { note: 'x'.repeat(length) } }),
  )
