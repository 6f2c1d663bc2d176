import { readFile, writeFile } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import {
  WarehouseError,
  type Cell,
  type DatasetMetadata,
  type Field,
  type QueryRequest,
  type QueryResult,
  type ResultRows,
  type RoutineMetadata,
  type TableMetadata,
  type TableName,
  type Warehouse,
} from '../../../warehouse/warehouse.ts'

type Row = readonly Cell[]

/** Answers of a test's warehouse to SQL; undefined where the text is none of the test's. */
export type Answer = (
  request: QueryRequest,
) => Promise<Partial<QueryResult> & { readonly data?: readonly Row[] }>

/**
 * A warehouse without SQL, for tests of the REST layer: tables in memory, CSV and JSON lines read naively, queries
 * answered by the test.
 */
export function memoryWarehouse(answer: Answer): Warehouse {
  const datasets = new Map<string, DatasetMetadata>()
  const tables = new Map<string, { metadata: TableMetadata; rows: Row[] }>()
  const routines = new Map<string, RoutineMetadata>()
  const key = ({ dataset, table }: TableName) => `${dataset}.${table}`
  const find = (name: TableName) => {
    const table = tables.get(key(name))
    if (table === undefined)
      throw new WarehouseError({ reason: 'notFound', message: `Not found: Table ${key(name)}` })
    return table
  }
  return {
    createDataset: async (dataset) => {
      if (datasets.has(dataset.dataset))
        throw new WarehouseError({
          reason: 'duplicate',
          message: `Already Exists: Dataset ${dataset.dataset}`,
        })
      datasets.set(dataset.dataset, dataset)
      return dataset
    },
    getDataset: async (name) => datasets.get(name) ?? null,
    listDatasets: async () => [...datasets.values()],
    patchDataset: async (name, patch, now) => {
      const changed = merged(datasets.get(name)!, patch, now)
      datasets.set(name, changed)
      return changed
    },
    deleteDataset: async (name, deleteContents) => {
      const inside = [...tables.values()].filter(({ metadata }) => metadata.dataset === name)
      if (inside.length > 0 && !deleteContents)
        throw new WarehouseError({ reason: 'resourceInUse', message: `Dataset ${name} is still in use` })
      inside.forEach(({ metadata }) => tables.delete(key(metadata)))
      datasets.delete(name)
    },
    createTable: async (table) => {
      if (tables.has(key(table)))
        throw new WarehouseError({ reason: 'duplicate', message: `Already Exists: Table ${key(table)}` })
      tables.set(key(table), { metadata: table, rows: [] })
      return table
    },
    getTable: async (name) => {
      const table = tables.get(key(name))
      return table === undefined ? null : { ...table.metadata, numRows: table.rows.length, numBytes: 0 }
    },
    listTables: async (dataset) =>
      [...tables.values()].map(({ metadata }) => metadata).filter((table) => table.dataset === dataset),
    patchTable: async (name, patch, now) => {
      const table = find(name)
      table.metadata = merged(table.metadata, patch, now)
      return table.metadata
    },
    deleteTable: async (name) => void tables.delete(key(name)),
    deletePartition: async () => undefined,
    getRoutine: async (dataset, routine) => routines.get(`${dataset}.${routine}`) ?? null,
    listRoutines: async (dataset) => [...routines.values()].filter((routine) => routine.dataset === dataset),
    deleteRoutine: async (dataset, routine) => void routines.delete(`${dataset}.${routine}`),
    getModel: async () => null,
    listModels: async () => [],
    patchModel: () => Promise.reject(new Error('no model')),
    deleteModel: () => Promise.reject(new Error('no model')),
    query: async (request) => {
      const procedure = /PROCEDURE `(\w+)`\.`(\w+)`\(`(\w+)` (\w+)\)\s+(BEGIN.*END)$/s.exec(request.sql)
      if (procedure !== null) {
        const [, dataset = '', routine = '', name = '', type = '', body = ''] = procedure
        const times = { createdAt: request.now, modifiedAt: request.now }
        routines.set(`${dataset}.${routine}`, {
          dataset,
          routine,
          kind: 'PROCEDURE',
          arguments: [{ name, type }],
          body,
          ...times,
        })
      }
      const { data = [], ...result } = procedure === null ? await answer(request) : {}
      return {
        statementType: 'SELECT',
        schema: [],
        referencedTables: [],
        bytes: { processed: 0, billed: 0 },
        rows: rowsOf(data),
        ...result,
      }
    },
    load: async (request) => {
      let table = tables.get(key(request.destination))
      if (table === undefined) {
        const times = { createdAt: request.now, modifiedAt: request.now }
        const schema = request.schema ?? []
        const metadata: TableMetadata = {
          ...request.destination,
          kind: 'TABLE',
          schema,
          labels: {},
          ...times,
        }
        table = { metadata, rows: [] }
        tables.set(key(request.destination), table)
      }
      if (request.writeDisposition === 'WRITE_TRUNCATE') table.rows = []
      let count = 0
      for (const file of request.files) {
        const bytes = await readFile(file.path)
        const lines = (file.gzip ? gunzipSync(bytes) : bytes)
          .toString()
          .split('\n')
          .slice(request.csv?.skipLeadingRows)
        for (const line of lines.filter((text) => text !== '')) {
          const values =
            request.format === 'CSV'
              ? line.split(request.csv?.fieldDelimiter ?? ',')
              : table.metadata.schema.map(({ name }) =>
                  String((JSON.parse(line) as Record<string, unknown>)[name]),
                )
          if (values.length !== table.metadata.schema.length)
            throw new WarehouseError({
              reason: 'invalid',
              message: `Too many values in row`,
              location: file.name,
            })
          table.rows.push(values)
          count += 1
        }
      }
      return { outputRows: count, outputBytes: 0, badRecords: 0, errors: [] }
    },
    extract: async (request) => {
      const { metadata, rows } = find(request.source)
      const header = request.printHeader ? [metadata.schema.map(({ name }) => name)] : []
      const text = [...header, ...rows].map((row) => `${row.join(request.fieldDelimiter)}\n`).join('')
      await writeFile(request.file, request.gzip ? gzipSync(text) : text)
      return { rows: rows.length }
    },
    copy: async (request) => {
      const sources = request.sources.map(find)
      const rows = sources.flatMap((source) => source.rows)
      tables.set(key(request.destination), {
        metadata: { ...sources[0]!.metadata, ...request.destination },
        rows,
      })
      return { rows: rows.length }
    },
    insertRows: async (name, rows, options) => {
      const table = find(name)
      const known = new Set(table.metadata.schema.map((field) => field.name))
      const problems = rows.flatMap((row, index) => {
        const unknown = options.ignoreUnknownValues
          ? undefined
          : Object.keys(row).find((column) => !known.has(column))
        if (unknown === undefined) return []
        return [
          { index, problem: { reason: 'invalid', message: `no such field: ${unknown}.`, location: unknown } },
        ]
      })
      if (problems.length > 0 && !options.skipInvalidRows) return problems
      const bad = new Set(problems.map(({ index }) => index))
      for (const row of rows.filter((_, index) => !bad.has(index)))
        table.rows.push(table.metadata.schema.map(({ name: column }) => String(row[column])))
      return problems
    },
    readTable: async (name) => {
      const { metadata, rows } = find(name)
      return { schema: metadata.schema, rows: rowsOf(rows) }
    },
    committedJobs: async () => new Map(),
    close: async () => undefined,
  }
}

export function field(name: string, type: Field['type'], more: Partial<Field> = {}): Field {
  return { name, type, mode: 'NULLABLE', ...more }
}

function rowsOf(data: readonly Row[]): ResultRows {
  return {
    count: data.length,
    read: async (start, max) => data.slice(start, start + max),
    close: async () => undefined,
  }
}

function merged<T extends object>(current: T, patch: object, now: number): T {
  const entries = Object.entries({ ...current, ...patch, modifiedAt: now })
  return Object.fromEntries(entries.filter(([, value]) => value !== null)) as T
}
