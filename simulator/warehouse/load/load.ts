import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { type Database, execute, scalar } from '../engine/database.ts'
import { translateError } from '../engine/errors.ts'
import { decorated, dropExpiredTables, expire } from '../engine/partitions.ts'
import { invalidRequest } from '../resources/missing.ts'
import { checkSchema } from '../resources/schema.ts'
import { ingests } from '../script/layout.ts'
import {
  type LoadRequest,
  type LoadResult,
  type Partitioning,
  WarehouseError,
  type WarehouseProblem,
} from '../warehouse.ts'
import { detectSchema, headerRows } from './detect.ts'
import { type Destination, prepareDestination } from './destination.ts'
import { insertStaged } from './insert-rows.ts'
import { stageCsv } from './csv.ts'
import { stageJson } from './ndjson.ts'
import { stageParquet } from './parquet.ts'
import type { DuckDBConnection } from '@duckdb/node-api'
import { SqlProblem, toWarehouseError } from '../sql/problem.ts'

/** Rows of files as a table with columns c0, c1 …, which are `schema`. */
interface Staged {
  /** What stands after FROM. */
  readonly from: string
  readonly badRecords: number
  readonly errors: readonly WarehouseProblem[]
}

export type Stager = (
  connection: DuckDBConnection,
  request: LoadRequest,
  schema: readonly StoredField[],
) => Promise<Staged>

const stagers: Readonly<Record<LoadRequest['format'], Stager>> = {
  CSV: stageCsv,
  NEWLINE_DELIMITED_JSON: stageJson,
  PARQUET: stageParquet,
}

/** A load job: all rows of its files or, past maxBadRecords, none. */
export async function loadFiles(
  database: Database,
  project: string,
  request: LoadRequest,
): Promise<LoadResult> {
  await dropExpiredTables(database, request.now)
  await expire(database, request.now, [request.destination])
  const release = await database.writers.acquire()
  const connection = await database.connect()
  const interrupt = (): void => connection.interrupt()
  request.signal?.addEventListener('abort', interrupt)
  try {
    if (request.signal?.aborted)
      throw new WarehouseError({ reason: 'stopped', message: 'Job execution was cancelled' })
    const existing = database.catalog.table(request.destination)
    const schema = await schemaOfJob(connection, request, existing)
    const detected = !request.schema && request.autodetect === true && request.format === 'CSV'
    const source: LoadRequest = detected
      ? { ...request, csv: { ...request.csv, skipLeadingRows: await headerRows(connection, request) } }
      : request
    return await database.transact(connection, async (_connection, changes) => {
      const staged = await stagers[request.format](connection, source, schema)
      const table = await prepareDestination(
        connection,
        changes,
        database,
        destination(project, request, schema, existing),
      )
      const partition = request.partition === undefined ? null : decorated(table, request.partition)
      if (partition && !ingests(table))
        await checkPartition(connection, table, schema, staged.from, partition.condition, request.partition!)
      const sql = insertStaged(
        table,
        schema,
        staged.from,
        request.now,
        partition && ingests(table) ? partition.start : undefined,
      )
      const { rowsChanged } = await execute(connection, sql)
      return { outputRows: rowsChanged, badRecords: staged.badRecords, errors: staged.errors }
    })
  } catch (error) {
    throw translateError(error instanceof SqlProblem ? toWarehouseError(error, '') : error)
  } finally {
    request.signal?.removeEventListener('abort', interrupt)
    connection.closeSync()
    release()
  }
}

async function schemaOfJob(
  connection: DuckDBConnection,
  request: LoadRequest,
  existing: TableEntry | undefined,
): Promise<readonly StoredField[]> {
  if (request.schema && request.schema.length > 0) return checkSchema(request.schema)
  const fresh =
    !existing || (request.writeDisposition === 'WRITE_TRUNCATE' && request.partition === undefined)
  if (existing && (!fresh || request.autodetect !== true) && request.format !== 'PARQUET')
    return existing.schema
  if (request.format === 'PARQUET' || request.autodetect) return detectSchema(connection, request)
  throw invalidRequest('No schema specified on job or table.')
}

function destination(
  project: string,
  request: LoadRequest,
  schema: readonly StoredField[],
  existing: TableEntry | undefined,
): Destination {
  const { partition } = request
  const byDecorator: Partitioning | undefined =
    partition === undefined
      ? undefined
      : { type: (['YEAR', 'MONTH', 'DAY', 'HOUR'] as const)[(partition.length - 4) / 2] ?? 'DAY' }
  const partitioning = request.partitioning ?? (existing ? undefined : byDecorator)
  return {
    project,
    name: request.destination,
    schema,
    writeDisposition: request.writeDisposition,
    createDisposition: request.createDisposition,
    ...(partitioning ? { partitioning } : {}),
    ...(request.clustering ? { clustering: request.clustering } : {}),
    ...(partition !== undefined && existing
      ? { partitionCondition: decorated(existing, partition).condition }
      : {}),
    now: request.now,
  }
}

/** Every row of a load into one partition must belong to it. */
async function checkPartition(
  connection: DuckDBConnection,
  table: TableEntry,
  schema: readonly StoredField[],
  from: string,
  condition: string,
  name: string,
): Promise<void> {
  const columns = schema.map((field, i) => `c${i} AS "${field.name.replaceAll('"', '""')}"`).join(', ')
  const stray = await scalar(
    connection,
    `SELECT 1 FROM (SELECT ${columns} FROM ${from}) AS s WHERE (${condition}) IS NOT TRUE LIMIT 1`,
  )
  if (stray !== null)
    throw invalidRequest(
      `Some rows belong to different partitions rather than destination partition ${table.dataset}.${table.table}$${name}`,
    )
}
