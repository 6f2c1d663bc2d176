import type { DuckDBConnection } from '@duckdb/node-api'
import type { Change } from '../catalog/catalog.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { physicalTable } from '../catalog/physical.ts'
import { type Database, execute, scalar } from '../engine/database.ts'
import { invalidRequest, requireDataset } from '../resources/missing.ts'
import { checkPartitioning } from '../resources/partitioning.ts'
import { changeSchema } from '../resources/schema-change.ts'
import { physicalColumns } from '../script/layout.ts'
import {
  type CreateDisposition,
  type Partitioning,
  type RangePartitioning,
  type SchemaUpdate,
  type TableName,
  WarehouseError,
  type WriteDisposition,
} from '../warehouse.ts'
import { layoutText } from './layout-text.ts'

export interface Destination {
  readonly project: string
  readonly name: TableName
  readonly schema: readonly StoredField[]
  readonly writeDisposition: WriteDisposition
  readonly createDisposition: CreateDisposition
  readonly partitioning?: Partitioning
  readonly rangePartitioning?: RangePartitioning
  readonly clustering?: readonly string[]
  readonly description?: string
  readonly friendlyName?: string
  readonly labels?: Readonly<Record<string, string>>
  /** What the job may do to the schema of a table that is there. */
  readonly updates?: readonly SchemaUpdate[]
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
  if (existing?.snapshot)
    throw invalidRequest(`${name.dataset}.${name.table} is a snapshot and cannot be modified`)
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
  if (existing) checkLayout(existing, job)
  if (existing && (job.writeDisposition !== 'WRITE_TRUNCATE' || job.partitionCondition !== undefined)) {
    // What the job does not name must not be required; what it names must be there or may be added.
    const change = changeSchema(
      project,
      existing,
      job.schema.map(asWritten(existing, job)),
      job.updates ?? [],
      true,
    )
    for (const sql of change.sql) await execute(connection, sql)
    if (job.writeDisposition === 'WRITE_TRUNCATE')
      await execute(connection, `DELETE FROM ${existing.physical} WHERE ${job.partitionCondition}`)
    const entry = {
      ...existing,
      ...(change.sql.length > 0 ? { schema: change.schema } : {}),
      modifiedAt: job.now,
    }
    changes.push({ kind: 'putTable', entry })
    return entry
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
    ...(job.rangePartitioning ? { rangePartitioning: job.rangePartitioning } : {}),
    ...(job.clustering ? { clustering: job.clustering } : {}),
    ...(job.description === undefined ? {} : { description: job.description }),
    ...(job.friendlyName === undefined ? {} : { friendlyName: job.friendlyName }),
    ...(job.labels === undefined ? {} : { labels: job.labels }),
    ...(!existing && !partitioning && dataset.defaultTableExpirationMs !== undefined
      ? { expiresAt: job.now + dataset.defaultTableExpirationMs }
      : {}),
    modifiedAt: job.now,
  }
  checkPartitioning(entry)
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

/**
 * A job that says how its table is partitioned or clustered must say what the table is, even where it writes the whole
 * table anew. https://cloud.google.com/bigquery/docs/partitioned-tables#limitations
 */
function checkLayout(entry: TableEntry, job: Destination): void {
  const { partitioning, rangePartitioning, clustering } = job
  const says = partitioning !== undefined || rangePartitioning !== undefined
  const given = layoutText({
    ...pick(says ? job : entry, 'partitioning'),
    ...pick(says ? job : entry, 'rangePartitioning'),
    ...pick(clustering === undefined ? entry : job, 'clustering'),
  })
  if (given === layoutText(entry)) return
  throw invalidRequest(
    `Incompatible table partitioning specification. Expects partitioning specification ${layoutText(entry)}, but input partitioning specification is ${given}. Table: ${job.project}:${entry.dataset}.${entry.table}`,
  )
}

function pick<T extends object, K extends keyof T>(value: T, key: K): Partial<Pick<T, K>> {
  return value[key] === undefined ? {} : ({ [key]: value[key] } as Pick<T, K>)
}

/** A column of the job as the table has it, where the job may leave out what the table says of it. */
function asWritten(entry: TableEntry, job: Destination): (field: StoredField) => StoredField {
  return (field) => {
    const own = entry.schema.find((item) => item.name.toLowerCase() === field.name.toLowerCase())
    if (!own || own.type !== field.type) return field
    // Rows of a query are never required to be there; the table refuses those that are not.
    const mode =
      job.updates === undefined && own.mode === 'REQUIRED' && field.mode === 'NULLABLE'
        ? own.mode
        : field.mode
    const { precision, scale, maxLength, description, defaultValue } = own
    return {
      ...field,
      mode,
      ...defined({ precision, scale, maxLength, description, defaultValue }),
    }
  }
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<T>
}
