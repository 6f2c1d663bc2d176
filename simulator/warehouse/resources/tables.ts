import type { TableEntry } from '../catalog/entry.ts'
import { physicalTable } from '../catalog/physical.ts'
import { type Database, execute } from '../engine/database.ts'
import { decorated, dropExpiredTables, expire } from '../engine/partitions.ts'
import { viewSchema } from '../script/request.ts'
import { physicalColumns } from '../script/layout.ts'
import type { TableMetadata, TablePatch, Warehouse } from '../warehouse.ts'
import { checkSchema } from './schema.ts'
import { changeSchema } from './schema-change.ts'
import { sizeOf } from './table-size.ts'
import { duplicate, invalidRequest, patched, requireDataset, requireTable } from './missing.ts'

type Methods = Pick<
  Warehouse,
  'createTable' | 'getTable' | 'listTables' | 'patchTable' | 'deleteTable' | 'deletePartition'
>

const everyUpdate = ['ALLOW_FIELD_ADDITION', 'ALLOW_FIELD_RELAXATION'] as const

/** The metadata without what only the warehouse needs. */
function publicTable(entry: TableEntry): TableMetadata {
  const { physical: _physical, ...metadata } = entry
  return metadata
}

export function tableMethods(database: Database, project: string): Methods {
  const { catalog } = database
  return {
    async createTable(table) {
      const dataset = requireDataset(database, project, table.dataset)
      if (!/^[\p{L}\p{N}\p{Pc}\p{Pd} ]{1,1024}$/u.test(table.table))
        throw invalidRequest(`Invalid table ID "${table.table}"`)
      const expirationMs = table.partitioning?.expirationMs ?? dataset.defaultPartitionExpirationMs
      const partitioning =
        table.partitioning && expirationMs !== undefined
          ? { ...table.partitioning, expirationMs }
          : table.partitioning
      const byDefault =
        dataset.defaultTableExpirationMs !== undefined && !partitioning
          ? { expiresAt: table.createdAt + dataset.defaultTableExpirationMs }
          : {}
      const schema =
        table.kind === 'VIEW' ? await viewSchema(database, project, table) : checkSchema(table.schema)
      const entry: TableEntry = {
        ...byDefault,
        ...table,
        schema,
        ...(partitioning ? { partitioning } : {}),
        physical: table.kind === 'VIEW' ? '' : physicalTable(table),
      }
      checkPartitioning(entry)
      return database.write(async (connection, changes) => {
        if (catalog.table(table)) throw duplicate(`Table ${project}:${table.dataset}.${table.table}`)
        if (entry.kind === 'TABLE')
          await execute(connection, `CREATE TABLE ${entry.physical} (${orDummy(physicalColumns(entry))})`)
        changes.push({ kind: 'putTable', entry })
        return publicTable(entry)
      })
    },
    async getTable(name, now) {
      await dropExpiredTables(database, now)
      await expire(database, now, [name])
      const entry = catalog.table(name)
      if (!entry) return null
      return { ...publicTable(entry), ...(await sizeOf(database, entry)) }
    },
    async listTables(dataset, now) {
      requireDataset(database, project, dataset)
      await dropExpiredTables(database, now)
      return catalog.tables(dataset).map(publicTable)
    },
    async patchTable(name, patch, now) {
      const current = requireTable(database, project, name)
      const schema = patch.schema ? checkSchema(patch.schema) : null
      const view = patch.viewQuery
        ? await viewSchema(database, project, { ...current, viewQuery: patch.viewQuery })
        : null
      return database.write(async (connection, changes) => {
        const entry = { ...requireTable(database, project, name) }
        const keys: (keyof TablePatch)[] = [
          'partitioning',
          'requirePartitionFilter',
          'clustering',
          'description',
          'labels',
          'expiresAt',
          'viewQuery',
        ]
        let changed: TableEntry = { ...patched(entry, patch, keys), modifiedAt: now }
        changed = { ...changed, labels: changed.labels ?? {} }
        if (
          patch.partitioning !== undefined &&
          (patch.partitioning?.field !== entry.partitioning?.field ||
            patch.partitioning?.type !== entry.partitioning?.type)
        )
          throw invalidRequest('Cannot change the partitioning of an existing table')
        if (view) changed = { ...changed, schema: view }
        if (schema) {
          const change = changeSchema(project, entry, schema, everyUpdate, false)
          for (const sql of change.sql) await execute(connection, sql)
          changed = { ...changed, schema: change.schema }
        }
        changes.push({ kind: 'putTable', entry: changed })
        return publicTable(changed)
      })
    },
    async deleteTable(name) {
      await database.write(async (connection, changes) => {
        const entry = requireTable(database, project, name)
        if (entry.kind === 'TABLE') await execute(connection, `DROP TABLE ${entry.physical}`)
        changes.push({ kind: 'dropTable', name })
      })
    },
    async deletePartition(name, partition, now) {
      await database.write(async (connection, changes) => {
        const entry = requireTable(database, project, name)
        const { condition } = decorated(entry, partition)
        await execute(connection, `DELETE FROM ${entry.physical} WHERE ${condition}`)
        changes.push({ kind: 'putTable', entry: { ...entry, modifiedAt: now } })
      })
    },
  }
}

/** DuckDB has no table without columns. */
function orDummy(columns: readonly string[]): string {
  return columns.length > 0 ? columns.join(', ') : '"_no_columns" BOOLEAN'
}

function checkPartitioning(entry: TableEntry): void {
  const { partitioning, rangePartitioning: range } = entry
  for (const name of entry.clustering ?? [])
    if (!entry.schema.some((field) => field.name.toLowerCase() === name.toLowerCase()))
      throw invalidRequest(`The field specified for clustering cannot be found in the schema: ${name}`)
  if (range) {
    if (partitioning) throw invalidRequest('A table cannot have both timePartitioning and rangePartitioning')
    const column = entry.schema.find((field) => field.name.toLowerCase() === range.field.toLowerCase())
    if (column?.type !== 'INT64' || column.mode === 'REPEATED')
      throw invalidRequest(`The field specified for range partitioning must be an INTEGER: ${range.field}`)
    if (range.interval <= 0 || range.end <= range.start)
      throw invalidRequest('A range of partitions needs start < end and a positive interval')
  }
  if (!partitioning?.field) return
  const field = entry.schema.find((item) => item.name.toLowerCase() === partitioning.field!.toLowerCase())
  if (!field)
    throw invalidRequest(
      `The field specified for partitioning cannot be found in the schema: ${partitioning.field}`,
    )
  if (!['DATE', 'TIMESTAMP', 'DATETIME'].includes(field.type) || field.mode === 'REPEATED')
    throw invalidRequest(
      `The field specified for partitioning must be DATE, DATETIME or TIMESTAMP: ${partitioning.field}`,
    )
  if (field.type === 'DATE' && partitioning.type === 'HOUR')
    throw invalidRequest('A DATE column cannot be partitioned by hour')
}
