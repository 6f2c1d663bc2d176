import type { DuckDBConnection } from '@duckdb/node-api'
import type { Change } from '../catalog/catalog.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { physicalTable } from '../catalog/physical.ts'
import { type Database, execute, scalar } from '../engine/database.ts'
import { requireDataset } from '../resources/missing.ts'
import { physicalColumns } from '../script/layout.ts'
import {
  type CreateDisposition,
  type Partitioning,
  type TableName,
  WarehouseError,
  type WriteDisposition,
} from '../warehouse.ts'
import { sameType, typeOfField } from '../types/type.ts'

export interface Destination {
  readonly project: string
  readonly name: TableName
  readonly schema: readonly StoredField[]
  readonly writeDisposition: WriteDisposition
  readonly createDisposition: CreateDisposition
  readonly partitioning?: Partitioning
  readonly clustering?: readonly string[]
  /** WRITE_TRUNCATE empties only the rows of this condition, and keeps the table. */
  readonly partitionCondition?: string
  readonly now: number
}

/** Makes, empties or checks the table that a job writes to, within the job's transaction. */
export async function prepareDestination(
  connection: DuckDBConnection,
  changes: Change[],
  database: Database,
  job: Destination,
): Promise<TableEntry> {
  const { name, project } = job
  const dataset = requireDataset(database, project, name.dataset)
  const existing = database.catalog.table(name)
  if (existing?.kind === 'VIEW')
    throw new WarehouseError({
      reason: 'invalid',
      message: `${project}:${name.dataset}.${name.table} is a view`,
    })
  if (!existing && job.createDisposition === 'CREATE_NEVER')
    throw new WarehouseError({
      reason: 'notFound',
      message: `Not found: Table ${project}:${name.dataset}.${name.table}`,
    })
  if (
    existing &&
    job.writeDisposition === 'WRITE_EMPTY' &&
    (await scalar(connection, `SELECT 1 FROM ${existing.physical} LIMIT 1`)) !== null
  )
    throw new WarehouseError({
      reason: 'duplicate',
      message: `Already Exists: Table ${project}:${name.dataset}.${name.table}`,
    })
  if (existing && (job.writeDisposition !== 'WRITE_TRUNCATE' || job.partitionCondition !== undefined)) {
    checkColumns(existing, job)
    if (job.writeDisposition === 'WRITE_TRUNCATE')
      await execute(connection, `DELETE FROM ${existing.physical} WHERE ${job.partitionCondition}`)
    return existing
  }
  if (existing && sameSchema(existing.schema, job.schema)) {
    await execute(connection, `DELETE FROM ${existing.physical}`)
    changes.push({ kind: 'putTable', entry: { ...existing, modifiedAt: job.now } })
    return existing
  }
  const expirationMs =
    job.partitioning?.expirationMs ??
    existing?.partitioning?.expirationMs ??
    dataset.defaultPartitionExpirationMs
  const partitioning = job.partitioning ?? existing?.partitioning
  const entry: TableEntry = {
    labels: {},
    createdAt: job.now,
    ...existing,
    ...name,
    kind: 'TABLE',
    schema: job.schema,
    physical: physicalTable(name),
    ...(partitioning
      ? { partitioning: expirationMs === undefined ? partitioning : { ...partitioning, expirationMs } }
      : {}),
    ...(job.clustering ? { clustering: job.clustering } : {}),
    ...(!existing && !partitioning && dataset.defaultTableExpirationMs !== undefined
      ? { expiresAt: job.now + dataset.defaultTableExpirationMs }
      : {}),
    modifiedAt: job.now,
  }
  await execute(
    connection,
    `CREATE OR REPLACE TABLE ${entry.physical} (${physicalColumns(entry).join(', ')})`,
  )
  changes.push({ kind: 'putTable', entry })
  return entry
}

function sameSchema(a: readonly StoredField[], b: readonly StoredField[]): boolean {
  return JSON.stringify(a.map(shape)) === JSON.stringify(b.map(shape))
}

function shape(field: StoredField): unknown {
  return [
    field.name,
    field.type,
    field.mode,
    field.precision,
    field.scale,
    field.maxLength,
    field.fields?.map(shape),
  ]
}

/** Rows that are appended must fit: every column known, no REQUIRED one missing. */
function checkColumns(entry: TableEntry, job: Destination): void {
  const refuse = (message: string): WarehouseError =>
    new WarehouseError({
      reason: 'invalid',
      message: `Provided Schema does not match Table ${job.project}:${job.name.dataset}.${job.name.table}. ${message}`,
    })
  for (const field of job.schema) {
    const own = entry.schema.find((item) => item.name.toLowerCase() === field.name.toLowerCase())
    if (!own) throw refuse(`Cannot add fields (field: ${field.name})`)
    if (!sameType(typeOfField(own), typeOfField(field)))
      throw refuse(`Field ${field.name} has changed type from ${own.type} to ${field.type}`)
  }
  for (const field of entry.schema)
    if (
      field.mode === 'REQUIRED' &&
      !job.schema.some((item) => item.name.toLowerCase() === field.name.toLowerCase())
    )
      throw refuse(`Field ${field.name} is missing in new schema`)
}
