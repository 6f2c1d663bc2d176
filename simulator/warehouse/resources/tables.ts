import type { TableEntry } from '../catalog/entry.ts'
import { physicalTable } from '../catalog/physical.ts'
import { type Database, execute } from '../engine/database.ts'
import { decorated, dropExpiredTables, expire } from '../engine/partitions.ts'
import { viewSchema } from '../script/request.ts'
import { physicalColumns } from '../script/layout.ts'
import type { Partitioning, TableMetadata, TablePatch, Warehouse } from '../warehouse.ts'
import { checkKeys } from './keys.ts'
import { checkPartitioning } from './partitioning.ts'
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
      checkKeys(catalog, project, entry)
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
          'friendlyName',
          'primaryKey',
          'foreignKeys',
          'labels',
          'expiresAt',
          'viewQuery',
        ]
        let changed: TableEntry = { ...patched(entry, patch, keys), modifiedAt: now }
        changed = { ...changed, labels: changed.labels ?? {} }
        if (entry.partitioning && changed.partitioning)
          changed = { ...changed, partitioning: { ...entry.partitioning, ...changed.partitioning } }
        if (
          patch.partitioning !== undefined &&
          (!sameField(patch.partitioning, entry.partitioning) ||
            patch.partitioning?.type !== entry.partitioning?.type)
        )
          throw invalidRequest('Cannot change the partitioning of an existing table')
        if (view) changed = { ...changed, schema: view }
        if (schema) {
          const change = changeSchema(project, entry, schema, everyUpdate, false)
          for (const sql of change.sql) await execute(connection, sql)
          changed = { ...changed, schema: change.schema }
        }
        checkKeys(catalog, project, changed)
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

/** `bq update` names the type alone, whatever the table is partitioned by. */
function sameField(given: Partitioning | null, own: Partitioning | undefined): boolean {
  return given !== null && given.field === undefined ? own !== undefined : given?.field === own?.field
}
