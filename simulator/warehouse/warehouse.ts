/**
 * What the BigQuery REST service asks of the warehouse. One process owns the DuckDB files; everything else goes
 * through the service. Times are milliseconds since the epoch on the caller's clock; nothing here reads a clock.
 */

export type ColumnType =
  | 'STRING'
  | 'INT64'
  | 'FLOAT64'
  | 'NUMERIC'
  | 'BIGNUMERIC'
  | 'INTERVAL'
  | 'BOOL'
  | 'DATE'
  | 'DATETIME'
  | 'TIME'
  | 'TIMESTAMP'
  | 'BYTES'
  | 'JSON'
  | 'STRUCT'

export interface Field {
  readonly name: string
  readonly type: ColumnType
  readonly mode: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  readonly description?: string
  /** Digits of NUMERIC and BIGNUMERIC. */
  readonly precision?: number
  /** Digits after the point. @default 0 with a precision */
  readonly scale?: number
  /** Characters of STRING, bytes of BYTES. */
  readonly maxLength?: number
  /** BigQuery SQL. */
  readonly defaultValue?: string
  /** Only with type STRUCT. */
  readonly fields?: readonly Field[]
}

/**
 * A value of a result, ready for BigQuery's wire: text for scalars (`true`, `12`, `1.5`, `2024-01-31`,
 * `2024-01-31T10:00:00`, base64 for BYTES, JSON text for JSON), except TIMESTAMP, which is microseconds since the
 * epoch as a bigint; a list for REPEATED; a list in field order for STRUCT.
 */
export type Cell = null | string | bigint | readonly Cell[]

export interface DatasetMetadata {
  readonly dataset: string
  readonly location: string
  readonly description?: string
  readonly labels: Readonly<Record<string, string>>
  readonly defaultTableExpirationMs?: number
  readonly defaultPartitionExpirationMs?: number
  readonly createdAt: number
  readonly modifiedAt: number
}

export interface TableName {
  readonly dataset: string
  readonly table: string
}

/** A table or, with a decorator (without the `$`), one of its partitions. */
interface PartitionName extends TableName {
  readonly partition?: string
}

export interface Partitioning {
  readonly type: 'DAY' | 'HOUR' | 'MONTH' | 'YEAR'
  /** Absent: partitioned by ingestion time. */
  readonly field?: string
  readonly expirationMs?: number
}

/** A foreign key that is declared, not enforced; columns and referenced ones pair up. */
export interface ForeignKey {
  readonly name: string
  readonly columns: readonly string[]
  readonly table: TableName
  readonly referenced: readonly string[]
}

export interface TableMetadata extends TableName {
  readonly kind: 'TABLE' | 'VIEW'
  readonly schema: readonly Field[]
  readonly partitioning?: Partitioning
  readonly rangePartitioning?: RangePartitioning
  readonly requirePartitionFilter?: boolean
  readonly clustering?: readonly string[]
  /** Columns of the primary key, which nothing enforces. */
  readonly primaryKey?: readonly string[]
  readonly foreignKeys?: readonly ForeignKey[]
  readonly description?: string
  readonly friendlyName?: string
  readonly labels: Readonly<Record<string, string>>
  readonly expiresAt?: number
  /** Only with kind VIEW: BigQuery SQL. */
  readonly viewQuery?: string
  readonly createdAt: number
  readonly modifiedAt: number
}

export interface RangePartitioning {
  readonly field: string
  readonly start: number
  readonly end: number
  readonly interval: number
}

/** What a table holds; nothing for a view. */
export interface TableSize {
  readonly numRows: number
  /** Logical bytes, as the service counts them. */
  readonly numBytes: number
  /** Only with partitions. */
  readonly numPartitions?: number
}

const longTermMs = 90 * 86_400_000

/** Whether nobody has changed a table for so long that it costs less. https://cloud.google.com/bigquery/pricing#storage */
export function isLongTerm({ modifiedAt }: Pick<TableMetadata, 'modifiedAt'>, now: number): boolean {
  return now - modifiedAt >= longTermMs
}

export interface RoutineMetadata {
  readonly dataset: string
  readonly routine: string
  readonly kind: 'PROCEDURE' | 'FUNCTION' | 'TABLE_FUNCTION'
  readonly arguments: readonly {
    readonly name: string
    /** `ANY TYPE` for one that takes any. */
    readonly type: string
    /** @default 'IN' */
    readonly mode?: 'IN' | 'OUT' | 'INOUT'
  }[]
  /** BigQuery SQL: a procedure's block from BEGIN to END, a function's expression, a table function's query. */
  readonly body: string
  /** A function's declared result type. */
  readonly returns?: string
  /** A table function's declared columns. */
  readonly columns?: readonly { readonly name: string; readonly type: string }[]
  readonly description?: string
  readonly createdAt: number
  readonly modifiedAt: number
}

/** A trained model without its weights, which ML.WEIGHTS gives. Types are as INFORMATION_SCHEMA prints them. */
export interface ModelMetadata {
  readonly dataset: string
  readonly model: string
  readonly label: { readonly name: string; readonly type: string }
  readonly inputs: readonly { readonly name: string; readonly type: string }[]
  readonly training: {
    readonly loss: number
    /** Null when no rows were kept for evaluation. */
    readonly evalLoss: number | null
    readonly trainingRows: number
    readonly evaluationRows: number
  }
  readonly evaluation: {
    readonly meanAbsoluteError: number | null
    readonly meanSquaredError: number | null
    readonly meanSquaredLogError: number | null
    readonly medianAbsoluteError: number | null
    readonly r2Score: number | null
    readonly explainedVariance: number | null
  }
  readonly settings: {
    readonly l2: number
    readonly fitIntercept: boolean
    readonly encoding: string
    readonly strategy: string
    readonly split: string
    readonly evalFraction: number
    readonly splitColumn: string | null
  }
  readonly description?: string
  readonly friendlyName?: string
  readonly labels: Readonly<Record<string, string>>
  readonly expiresAt?: number
  readonly createdAt: number
  readonly modifiedAt: number
}

/** A parameter's type in BigQuery's wire form: `{type: 'ARRAY', arrayType: …}`, `{type: 'STRUCT', structTypes: …}`. */
export interface ParameterType {
  readonly type: string
  readonly arrayType?: ParameterType
  readonly structTypes?: readonly { readonly name?: string; readonly type: ParameterType }[]
}

/** A parameter's value as the wire carries it: scalars as text. */
export interface ParameterValue {
  readonly value?: string | null
  readonly arrayValues?: readonly ParameterValue[]
  readonly structValues?: Readonly<Record<string, ParameterValue>>
}

export interface QueryParameter {
  /** Absent for positional parameters. */
  readonly name?: string
  readonly type: ParameterType
  readonly value: ParameterValue
}

export type WriteDisposition = 'WRITE_TRUNCATE' | 'WRITE_APPEND' | 'WRITE_EMPTY'
export type CreateDisposition = 'CREATE_IF_NEEDED' | 'CREATE_NEVER'

export interface QueryRequest {
  readonly sql: string
  readonly project: string
  readonly defaultDataset?: string
  readonly parameters: readonly QueryParameter[]
  readonly destination?: {
    readonly table: TableName
    /** Only this one is written: a decorator without the `$`. */
    readonly partition?: string
    readonly writeDisposition: WriteDisposition
    readonly createDisposition: CreateDisposition
    readonly schemaUpdateOptions?: readonly SchemaUpdate[]
    /** Of a table that the query makes. */
    readonly partitioning?: Partitioning
    readonly rangePartitioning?: RangePartitioning
    readonly clustering?: readonly string[]
  }
  /** Parse, resolve and check, without running. */
  readonly dryRun?: boolean
  /** All jobs, newest first, for INFORMATION_SCHEMA.JOBS. */
  readonly jobs?: () => readonly JobRow[]
  /** What @@script.job_id returns. */
  readonly jobId?: string
  /** Told of each statement of a script as it ends; answers the id of the job that it is. */
  readonly onStatement?: (statement: ScriptStatement) => string
  /** What CURRENT_TIMESTAMP() returns. */
  /** Of the job that this is; see `committedJobs`. */
  readonly jobKey?: string
  readonly now: number
  readonly signal?: AbortSignal
}

/** A job of the service as INFORMATION_SCHEMA.JOBS shows it. */
export interface JobRow {
  readonly jobId: string
  readonly parentJobId?: string
  readonly location: string
  readonly jobType: 'QUERY' | 'LOAD' | 'EXTRACT' | 'COPY'
  readonly state: 'PENDING' | 'RUNNING' | 'DONE'
  readonly createdAt: number
  readonly startedAt?: number
  readonly endedAt?: number
  readonly userEmail: string
  readonly statementType?: string
  readonly priority?: string
  readonly query?: string
  readonly errorResult?: WarehouseProblem
  readonly destinationTable?: TableName
  readonly referencedTables?: readonly TableName[]
  readonly labels?: Readonly<Record<string, string>>
  readonly dml?: { readonly inserted: number; readonly updated: number; readonly deleted: number }
  readonly totalBytesProcessed?: number
  readonly totalBytesBilled?: number
}

/** A statement of a script that is a job of its own. Lines and columns count from 1. */
export interface ScriptStatement {
  readonly text: string
  /** The procedure that it stands in, as project.dataset.name. */
  readonly procedure: string | null
  readonly startLine: number
  readonly startColumn: number
  readonly endLine: number
  readonly endColumn: number
  /** Null where it failed. */
  readonly result: QueryResult | null
  readonly error: WarehouseError | null
}

export interface QueryResult {
  /** BigQuery's `statistics.query.statementType`: SELECT, INSERT, MERGE, CREATE_TABLE, CALL, SCRIPT … */
  readonly statementType: string
  readonly schema: readonly Field[]
  readonly rows: ResultRows
  readonly dml?: { readonly inserted: number; readonly updated: number; readonly deleted: number }
  readonly referencedTables: readonly TableName[]
  /** Logical bytes of the columns that were read, or would be, and what the service would bill for them. */
  readonly bytes: { readonly processed: number; readonly billed: number }
  /** Statements of a script that were jobs of their own. */
  readonly children?: number
  /** What a DDL statement created, replaced or dropped. */
  readonly ddl?: {
    readonly operation: 'CREATE' | 'REPLACE' | 'DROP' | 'SKIP' | 'ALTER'
    readonly table?: TableName
    readonly routine?: { readonly dataset: string; readonly routine: string }
    readonly model?: { readonly dataset: string; readonly model: string }
  }
}

export interface ResultRows {
  readonly count: number
  read(start: number, max: number): Promise<readonly (readonly Cell[])[]>
  /** Frees what the result holds. */
  close(): Promise<void>
}

export interface LoadRequest {
  readonly destination: TableName
  /** Partition decorator without the `$`, e.g. `20240131`. */
  readonly partition?: string
  /** Paths of local files; their names say nothing about their format. */
  readonly files: readonly LoadFile[]
  readonly format: 'CSV' | 'NEWLINE_DELIMITED_JSON' | 'PARQUET'
  readonly schema?: readonly Field[]
  readonly autodetect?: boolean
  readonly writeDisposition: WriteDisposition
  readonly createDisposition: CreateDisposition
  readonly csv?: {
    /** @default a comma, or what is detected */
    readonly fieldDelimiter?: string
    /** One character; empty: no value is quoted. @default `"` */
    readonly quote?: string
    readonly skipLeadingRows?: number
    readonly nullMarker?: string
    readonly nullMarkers?: readonly string[]
    readonly allowQuotedNewlines?: boolean
    readonly allowJaggedRows?: boolean
    readonly preserveAsciiControlCharacters?: boolean
    readonly sourceColumnMatch?: 'POSITION' | 'NAME'
    /** Also of NDJSON. @default UTF-8 */
    readonly encoding?: string
    /** Of timestamps that name no zone. @default UTC */
    readonly timeZone?: string
    /** As in `CAST(… AS DATE FORMAT …)`, and so on. */
    readonly dateFormat?: string
    readonly datetimeFormat?: string
    readonly timeFormat?: string
    readonly timestampFormat?: string
  }
  readonly parquet?: {
    /** Lists as BigQuery's own arrays, without the groups `list` and `element` of the file format. */
    readonly enableListInference?: boolean
  }
  readonly schemaUpdateOptions?: readonly SchemaUpdate[]
  /** Of a table that the job makes. */
  readonly description?: string
  readonly friendlyName?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly ignoreUnknownValues?: boolean
  readonly maxBadRecords?: number
  readonly partitioning?: Partitioning
  readonly rangePartitioning?: RangePartitioning
  readonly clustering?: readonly string[]
  /** Of the job that this is; see `committedJobs`. */
  readonly jobKey?: string
  readonly now: number
  readonly signal?: AbortSignal
}

export type SchemaUpdate = 'ALLOW_FIELD_ADDITION' | 'ALLOW_FIELD_RELAXATION'

export interface LoadFile {
  readonly path: string
  /** `gs://…`, for messages. */
  readonly name: string
  readonly gzip: boolean
}

export interface LoadResult {
  readonly outputRows: number
  /** Logical bytes of these rows, as the service counts them. */
  readonly outputBytes: number
  readonly badRecords: number
  readonly errors: readonly WarehouseProblem[]
}

export interface ExtractRequest {
  readonly source: TableName
  /** Only this partition: a decorator without the `$`. */
  readonly partition?: string
  /** Only this share of the rows: one in `of`. @default all */
  readonly share?: { readonly index: number; readonly of: number }
  /** Path of the local file to write. */
  readonly file: string
  readonly format: 'CSV' | 'NEWLINE_DELIMITED_JSON' | 'PARQUET'
  readonly gzip: boolean
  /** Of Parquet. @default none */
  readonly compression?: 'snappy' | 'zstd'
  readonly printHeader: boolean
  readonly fieldDelimiter: string
  readonly now: number
}

export interface CopyRequest {
  readonly sources: readonly PartitionName[]
  readonly destination: PartitionName
  readonly writeDisposition: WriteDisposition
  readonly createDisposition: CreateDisposition
  /** Of the job that this is; see `committedJobs`. */
  readonly jobKey?: string
  readonly now: number
}

export interface WarehouseProblem {
  /** BigQuery's reason: invalid, invalidQuery, notFound, duplicate, stopped … */
  readonly reason: string
  readonly message: string
  readonly location?: string
}

/** What every method throws for a request that is refused or fails; the service turns it into Google's error body. */
export class WarehouseError extends Error {
  readonly reason: string
  readonly location: string | undefined
  /** What else a job tells in its list of errors. */
  readonly more: readonly WarehouseProblem[]

  constructor(problem: WarehouseProblem, more: readonly WarehouseProblem[] = []) {
    super(problem.message)
    this.more = more
    this.name = 'WarehouseError'
    this.reason = problem.reason
    this.location = problem.location
  }
}

/** Changes to apply; absent fields stay, null clears. */
export type TablePatch = {
  readonly [
    K in
      | 'schema'
      | 'partitioning'
      | 'requirePartitionFilter'
      | 'clustering'
      | 'description'
      | 'friendlyName'
      | 'labels'
      | 'expiresAt'
      | 'viewQuery'
      | 'primaryKey'
      | 'foreignKeys'
  ]?: TableMetadata[K] | null
}

export type DatasetPatch = {
  readonly [K in 'description' | 'labels' | 'defaultTableExpirationMs' | 'defaultPartitionExpirationMs']?:
    DatasetMetadata[K] | null
}

type ModelPatch = {
  readonly [K in 'description' | 'friendlyName' | 'labels' | 'expiresAt']?: ModelMetadata[K] | null
}

/** Names are case-sensitive for tables and datasets, as in BigQuery. The project is the one the warehouse was opened for. */
export interface Warehouse {
  createDataset(dataset: DatasetMetadata): Promise<DatasetMetadata>
  getDataset(dataset: string): Promise<DatasetMetadata | null>
  listDatasets(): Promise<readonly DatasetMetadata[]>
  patchDataset(dataset: string, patch: DatasetPatch, now: number): Promise<DatasetMetadata>
  deleteDataset(dataset: string, deleteContents: boolean): Promise<void>

  createTable(table: TableMetadata): Promise<TableMetadata>
  /** With `now`, expired partitions are dropped and an expired table is gone before it is looked at. */
  getTable(table: TableName, now: number): Promise<(TableMetadata & TableSize) | null>
  listTables(dataset: string, now: number): Promise<readonly TableMetadata[]>
  patchTable(table: TableName, patch: TablePatch, now: number): Promise<TableMetadata>
  deleteTable(table: TableName): Promise<void>
  /** Deletes the rows of one partition, by its decorator without the `$`. */
  deletePartition(table: TableName, partition: string, now: number): Promise<void>

  getRoutine(dataset: string, routine: string): Promise<RoutineMetadata | null>
  listRoutines(dataset: string): Promise<readonly RoutineMetadata[]>
  deleteRoutine(dataset: string, routine: string): Promise<void>

  getModel(dataset: string, model: string): Promise<ModelMetadata | null>
  listModels(dataset: string): Promise<readonly ModelMetadata[]>
  patchModel(dataset: string, model: string, patch: ModelPatch, now: number): Promise<ModelMetadata>
  deleteModel(dataset: string, model: string): Promise<void>

  query(request: QueryRequest): Promise<QueryResult>
  load(request: LoadRequest): Promise<LoadResult>
  extract(request: ExtractRequest): Promise<{ readonly rows: number }>
  copy(request: CopyRequest): Promise<{ readonly rows: number }>
  /** Streaming insert; rows are JSON objects. Returns a problem per refused row; refused rows stop the whole request. */
  insertRows(
    table: TableName,
    rows: readonly Readonly<Record<string, unknown>>[],
    options: {
      readonly ignoreUnknownValues: boolean
      readonly skipInvalidRows: boolean
      readonly now: number
    },
  ): Promise<readonly { readonly index: number; readonly problem: WarehouseProblem }[]>
  /** A page of a table's rows in storage order, for `tabledata.list`. */
  readTable(
    table: TableName,
    now: number,
    /** Only this one: a decorator without the `$`. */
    partition?: string,
  ): Promise<{ readonly schema: readonly Field[]; readonly rows: ResultRows }>
  /** For jobs whose end nobody has seen: what those gave that have had their effect, by `jobKey`. */
  committedJobs(keys: readonly string[]): Promise<ReadonlyMap<string, unknown>>
  close(): Promise<void>
}
