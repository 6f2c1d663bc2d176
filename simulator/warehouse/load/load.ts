import type { DuckDBConnection } from '@duckdb/node-api'
import type { Change } from '../catalog/catalog.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { type Database, execute, scalar } from '../engine/database.ts'
import { translateError } from '../engine/errors.ts'
import { decorated, dropExpiredTables, expire } from '../engine/partitions.ts'
import { invalidRequest } from '../resources/missing.ts'
import { checkSchema } from '../resources/schema.ts'
import { ingests } from '../script/layout.ts'
import { SqlProblem } from '../../../sql/problem.ts'
import { toWarehouseError } from '../problem.ts'
import {
  type LoadRequest,
  type LoadResult,
  type Partitioning,
  WarehouseError,
  type WarehouseProblem,
} from '../warehouse.ts'
import { rowBytes } from './bytes.ts'
import { csvReader } from './csv.ts'
import { detectCsv } from './csv-detect.ts'
import { prepareDestination } from './destination.ts'
import { detectSchema } from './detect.ts'
import { checkPartition } from './partition-check.ts'
import { insertStaged } from './insert-rows.ts'
import { jsonReader } from './ndjson.ts'
import { parquetReader } from './parquet.ts'

/** Rows of files as a relation with columns c0, c1 …, which are the schema's. */
export interface Staged {
  /** What stands after FROM. */
  readonly from: string
  readonly badRecords: number
  readonly errors: readonly WarehouseProblem[]
}

/** How a format is read. */
export interface FormatReader {
  /**
   * The rows as a relation that DuckDB reads by itself; null where it would not read them as BigQuery does. A
   * statement over it may fail, for whatever reason, and then the slow way is tried.
   */
  fast(
    connection: DuckDBConnection,
    request: LoadRequest,
    schema: readonly StoredField[],
  ): Promise<string | null>
  /** The rows that are good, and what is wrong with the others; throws when they are too many. */
  slow?(connection: DuckDBConnection, request: LoadRequest, schema: readonly StoredField[]): Promise<Staged>
}

const readers: Readonly<Record<LoadRequest['format'], FormatReader>> = {
  CSV: csvReader,
  NEWLINE_DELIMITED_JSON: jsonReader,
  PARQUET: parquetReader,
}

/** A job with its schema known. */
interface Plan {
  readonly project: string
  readonly request: LoadRequest
  readonly schema: readonly StoredField[]
}

/** The statement over a relation that DuckDB reads by itself has failed. */
class FastProblem extends Error {}

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
    checkAborted(request)
    const plan = await planOf(connection, database, project, request)
    const reader = readers[request.format]
    const fast = await reader.fast(connection, plan.request, plan.schema)
    if (fast !== null) {
      try {
        return await database.transact(
          connection,
          (_, changes) =>
            write(connection, changes, database, plan, { from: fast, badRecords: 0, errors: [] }, true),
          request.jobKey,
        )
      } catch (error) {
        if (!(error instanceof FastProblem) || reader.slow === undefined || request.signal?.aborted)
          throw error instanceof FastProblem ? error.cause : error
      }
    }
    return await database.transact(
      connection,
      async (_, changes) => {
        const staged = await reader.slow!(connection, plan.request, plan.schema)
        checkAborted(request)
        return write(connection, changes, database, plan, staged, false)
      },
      request.jobKey,
    )
  } catch (error) {
    throw translateError(error instanceof SqlProblem ? toWarehouseError(error, '') : error)
  } finally {
    request.signal?.removeEventListener('abort', interrupt)
    connection.closeSync()
    release()
  }
}

function checkAborted({ signal }: LoadRequest): void {
  if (signal?.aborted) throw new WarehouseError({ reason: 'stopped', message: 'Job execution was cancelled' })
}

/** Makes or empties the destination and inserts the rows, within the job's transaction. */
async function write(
  connection: DuckDBConnection,
  changes: Change[],
  database: Database,
  { project, request, schema }: Plan,
  staged: Staged,
  fast: boolean,
): Promise<LoadResult> {
  const { partition } = request
  const existing = database.catalog.table(request.destination)
  const partitioning = request.partitioning ?? (existing ? undefined : byDecorator(partition))
  const table = await prepareDestination(connection, changes, database, {
    project,
    name: request.destination,
    schema,
    writeDisposition: request.writeDisposition,
    createDisposition: request.createDisposition,
    updates: request.schemaUpdateOptions ?? [],
    ...(partitioning ? { partitioning } : {}),
    ...(request.rangePartitioning ? { rangePartitioning: request.rangePartitioning } : {}),
    ...(request.friendlyName === undefined ? {} : { friendlyName: request.friendlyName }),
    ...(request.clustering ? { clustering: request.clustering } : {}),
    ...(request.description === undefined ? {} : { description: request.description }),
    ...(request.labels === undefined ? {} : { labels: request.labels }),
    ...(partition !== undefined && existing
      ? { partitionCondition: decorated(existing, partition).condition }
      : {}),
    now: request.now,
  })
  const part = partition === undefined ? null : decorated(table, partition)
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw fast ? new FastProblem('', { cause: error }) : error
    }
  }
  let { from } = staged
  if (part && !ingests(table)) {
    from = await attempt(() => materialize(connection, from))
    await checkPartition(connection, table, schema, from, part.condition, partition!)
  }
  const start = part && ingests(table) ? part.start : undefined
  const before = await scalar(
    connection,
    `SELECT CAST(coalesce(max(rowid), -1) AS VARCHAR) FROM ${table.physical}`,
  )
  const { rowsChanged } = await attempt(() =>
    execute(connection, insertStaged(table, schema, from, request.now, start)),
  )
  // New rows have the highest ids.
  const outputBytes = await scalar(
    connection,
    `SELECT ${rowBytes(table.schema)} FROM ${table.physical} WHERE rowid > ${before as string}`,
  )
  return {
    outputRows: rowsChanged,
    outputBytes: Number(outputBytes ?? 0),
    badRecords: staged.badRecords,
    errors: staged.errors,
  }
}

let parts = 0

async function materialize(connection: DuckDBConnection, from: string): Promise<string> {
  const name = `temp.main."_part${parts++}"`
  await execute(connection, `CREATE TEMP TABLE ${name} AS SELECT * FROM ${from}`)
  return name
}

/** The job with what is detected in its files. */
async function planOf(
  connection: DuckDBConnection,
  database: Database,
  project: string,
  request: LoadRequest,
): Promise<Plan> {
  const existing = database.catalog.table(request.destination)
  if (request.schema && request.schema.length > 0)
    return { project, request, schema: asStored(checkSchema(request.schema), existing) }
  const fresh =
    !existing || (request.writeDisposition === 'WRITE_TRUNCATE' && request.partition === undefined)
  const detects = request.autodetect === true || request.format === 'PARQUET'
  if (!detects && !existing) throw invalidRequest('No schema specified on job or table.')
  const keeps = existing !== undefined && !fresh && request.schemaUpdateOptions === undefined
  if (request.format === 'CSV' && request.autodetect === true) {
    const found = await detectCsv(request)
    if (found === null) throw invalidRequest('A load job without files has no schema to detect')
    const { fieldDelimiter, skipLeadingRows } = found
    const csv = { ...request.csv, fieldDelimiter, skipLeadingRows, allowQuotedNewlines: true }
    const schema = keeps ? existing.schema : merged(checkSchema(found.schema), fresh ? undefined : existing)
    return { project, request: { ...request, csv }, schema }
  }
  if (existing && (!detects || (keeps && request.format !== 'PARQUET')))
    return { project, request, schema: existing.schema }
  const schema = checkSchema(await detectSchema(connection, request))
  return { project, request, schema: merged(schema, fresh ? undefined : existing) }
}

/** Detected columns that the table has already are what the table says. */
function merged(schema: readonly StoredField[], existing: TableEntry | undefined): readonly StoredField[] {
  return schema.map((field) => own(existing, field) ?? field)
}

/** The job's columns, as long, precise and required as the table's. */
function asStored(schema: readonly StoredField[], existing: TableEntry | undefined): readonly StoredField[] {
  return schema.map((field) => {
    const { precision, scale, maxLength } = own(existing, field) ?? {}
    return {
      ...(precision === undefined ? {} : { precision }),
      ...(scale === undefined ? {} : { scale }),
      ...(maxLength === undefined ? {} : { maxLength }),
      ...field,
    }
  })
}

function own(existing: TableEntry | undefined, field: StoredField): StoredField | undefined {
  return existing?.schema.find((item) => item.name.toLowerCase() === field.name.toLowerCase())
}

/** How a table is partitioned that a job makes by loading into one of its partitions. */
function byDecorator(partition: string | undefined): Partitioning | undefined {
  if (partition === undefined) return undefined
  return { type: (['YEAR', 'MONTH', 'DAY', 'HOUR'] as const)[(partition.length - 4) / 2] ?? 'DAY' }
}
