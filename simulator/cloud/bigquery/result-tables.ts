import { createHash } from 'node:crypto'
import type { TableName, Warehouse } from '../../warehouse/warehouse.ts'
import { keyOf } from './job-store.ts'
import type { Job } from './job.ts'
import { notFound } from './problem.ts'
import type { JobRunner } from './runner.ts'

/** Hidden, as are the datasets in which the service keeps results of queries without a destination. */
const dataset = '_results'

/** The table that a query without a destination is said to write. */
export function resultTable(job: Pick<Job, 'id' | 'location'>): TableName {
  return { dataset, table: `anon${createHash('sha256').update(keyOf(job)).digest('hex').slice(0, 40)}` }
}

/** The warehouse with the results that are kept as tables to read, for clients that read them by that name. */
export function withResultTables(warehouse: Warehouse, runner: JobRunner): Warehouse {
  const find = (name: TableName) => {
    const result = runner.resultOf(name.table)
    if (result === undefined) throw notFound(`Table ${name.dataset}.${name.table}`)
    return result
  }
  const own: Pick<Warehouse, 'getTable' | 'readTable'> = {
    getTable: async (name, now) => {
      if (name.dataset !== dataset) return warehouse.getTable(name, now)
      const { schema, rows } = find(name)
      const times = { createdAt: now, modifiedAt: now }
      return { ...name, kind: 'TABLE', schema, labels: {}, ...times, numRows: rows.count, numBytes: 0 }
    },
    readTable: async (name, now, partition) => {
      if (name.dataset !== dataset) return warehouse.readTable(name, now, partition)
      const { schema, rows } = find(name)
      // The result stays; what is closed is only this way of reading it.
      const close = () => Promise.resolve()
      return { schema, rows: { count: rows.count, read: (start, max) => rows.read(start, max), close } }
    },
  }
  return new Proxy(warehouse, {
    get: (target, name) => {
      const method: unknown = Reflect.get(own, name) ?? Reflect.get(target, name)
      return typeof method === 'function' ? (method.bind(target) as unknown) : method
    },
  })
}
