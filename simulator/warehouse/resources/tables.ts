import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { physicalTable } from '../catalog/physical.ts'
import { type Database, execute, scalar } from '../engine/database.ts'
import { dropExpiredTables, expire } from '../engine/partitions.ts'
import { columnSql } from '../engine/store.ts'
import { viewSchema } from '../script/request.ts'
import { physicalColumns } from '../script/layout.ts'
import { quoteName } from '../types/duck.ts'
import type { TableMetadata, TablePatch, Warehouse } from '../warehouse.ts'
import { checkSchema } from './schema.ts'
import { duplicate, invalidRequest, patched, requireDataset, requireTable } from './missing.ts'

type Methods = Pick<Warehouse, 'createTable' | 'getTable' | 'listTables' | 'patchTable' | 'deleteTable'>

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
      const numRows =
        entry.kind === 'VIEW'
          ? 0
          : Number(
              await database.withConnection((connection) =>
                scalar(connection, `SELECT count(*) FROM ${entry.physical}`),
              ),
            )
      return { ...publicTable(entry), numRows }
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
          for (const sql of alterations(entry, schema)) await execute(connection, sql)
          changed = { ...changed, schema: ordered(entry, schema) }
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
  }
}

/** DuckDB has no table without columns. */
function orDummy(columns: readonly string[]): string {
  return columns.length > 0 ? columns.join(', ') : '"_no_columns" BOOLEAN'
}

function checkPartitioning(entry: TableEntry): void {
  const { partitioning } = entry
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

/** What an update of the schema does: new columns, and REQUIRED relaxed to NULLABLE; nothing else is allowed. */
function alterations(entry: TableEntry, schema: readonly StoredField[]): string[] {
  const sql: string[] = []
  for (const field of entry.schema) {
    const next = schema.find((item) => item.name.toLowerCase() === field.name.toLowerCase())
    if (!next)
      throw invalidRequest(
        `Provided Schema does not match Table. Field ${field.name} is missing in new schema`,
      )
    if (next.type !== field.type || (next.mode === 'REPEATED') !== (field.mode === 'REPEATED'))
      throw invalidRequest(
        `Provided Schema does not match Table. Field ${field.name} has changed type from ${field.type} to ${next.type}`,
      )
    if (next.mode === 'REQUIRED' && field.mode !== 'REQUIRED')
      throw invalidRequest(
        `Provided Schema does not match Table. Field ${field.name} has changed mode from NULLABLE to REQUIRED`,
      )
    if (
      next.type === 'STRUCT' &&
      columnSql({ ...next, mode: 'NULLABLE' }) !== columnSql({ ...field, mode: 'NULLABLE' })
    )
      throw invalidRequest(
        `Unsupported in the local warehouse: change of the fields of RECORD column ${field.name}`,
      )
    if (field.mode === 'REQUIRED' && next.mode !== 'REQUIRED')
      sql.push(`ALTER TABLE ${entry.physical} ALTER COLUMN ${quoteName(field.name)} DROP NOT NULL`)
  }
  for (const field of schema) {
    if (entry.schema.some((item) => item.name.toLowerCase() === field.name.toLowerCase())) continue
    if (field.mode === 'REQUIRED')
      throw invalidRequest(
        `Provided Schema does not match Table. Cannot add required fields to an existing schema. (field: ${field.name})`,
      )
    sql.push(`ALTER TABLE ${entry.physical} ADD COLUMN ${quoteName(field.name)} ${columnSql(field)}`)
    if (field.mode === 'REPEATED') sql.push(`UPDATE ${entry.physical} SET ${quoteName(field.name)} = []`)
  }
  return sql
}

/** New columns come last, as BigQuery keeps them. */
function ordered(entry: TableEntry, schema: readonly StoredField[]): StoredField[] {
  const named = (name: string): StoredField =>
    schema.find((item) => item.name.toLowerCase() === name.toLowerCase())!
  const old = entry.schema.map((field) => ({ ...named(field.name), name: field.name }))
  return [
    ...old,
    ...schema.filter((field) => !old.some((item) => item.name.toLowerCase() === field.name.toLowerCase())),
  ]
}
