export interface TableId {
  readonly dataset: string
  readonly table: string
}

export interface Column {
  readonly name: string
  readonly type: string
  /** @default 'NULLABLE' */
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  readonly description?: string
}

export interface LoadJob {
  /** The same id is the same job: asking for it again waits for the first one and gives its result. */
  jobId: string
  /** `gs://bucket/name` of newline-delimited JSON. */
  uri: string
  into: TableId
  columns: readonly Column[]
  /** What happens to rows that the table holds. */
  write: 'truncate' | 'append'
}

export interface ExecuteJob {
  jobId: string
  /** One statement of GoogleSQL. Values from data are parameters, never part of the text. */
  sql: string
  params?: Readonly<Record<string, string | number | boolean>>
  /** A dataset that the statement reads or writes; the job runs where it is. */
  dataset: string
}

export interface RowCounts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

/** What a step needs of BigQuery, and nothing more. A job that fails throws a StepError. */
export interface Warehouse {
  /** A table that is there already is left as it is. `expiresAt` in milliseconds since the epoch. */
  createTable(table: TableId, options: { columns: readonly Column[]; expiresAt?: number }): Promise<void>
  /** A table that is not there is no error. */
  dropTable(table: TableId): Promise<void>
  load(job: LoadJob): Promise<{ rows: number }>
  execute(job: ExecuteJob): Promise<RowCounts>
}
