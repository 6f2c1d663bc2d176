import type { DuckDBConnection } from '@duckdb/node-api'
import type { Context, UserFunction } from '../analyze/context.ts'
import type { Typed } from '../analyze/typed.ts'
import { Catalog, type Change } from '../catalog/catalog.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { type Database, execute } from '../engine/database.ts'
import { bytesRead } from '../resources/table-size.ts'
import {
  type Field,
  type QueryRequest,
  type QueryResult,
  type ResultRows,
  type TableName,
  WarehouseError,
} from '../warehouse.ts'
import { systemVariables } from './system-variables.ts'

export interface StatementResult {
  readonly statementType: string
  readonly schema: readonly Field[]
  readonly rows: ResultRows
  readonly dml?: QueryResult['dml']
  readonly ddl?: QueryResult['ddl']
}

/** Adds a name that is not in the list yet. */
export function note(list: TableName[], { dataset, table }: TableName): void {
  if (!list.some((other) => other.dataset === dataset && other.table === table)) list.push({ dataset, table })
}

function refused(what: string): WarehouseError {
  return new WarehouseError({
    reason: 'invalidQuery',
    location: 'query',
    message: `Unsupported in the local warehouse: ${what}`,
  })
}

/** One request's connection and what its script has made so far: variables, temporary tables, a transaction. */
export class Session {
  readonly database: Database
  readonly connection: DuckDBConnection
  readonly request: QueryRequest
  readonly named: ReadonlyMap<string, Typed>
  readonly positional: readonly Typed[]
  /** Tables of the statement that runs; of the whole request once all have run. */
  referenced: TableName[] = []
  /** Logical bytes that it reads, and what they would cost; likewise. */
  bytes = { processed: 0, billed: 0 }
  /** The SQL of the statement that runs. */
  text: string
  readonly temporary = new Map<string, TableEntry>()
  readonly temporaryFunctions = new Map<string, UserFunction>()
  variables: ReadonlyMap<string, Typed> = new Map()
  /** `@@error.message` and the like, in a handler. */
  errors: readonly (readonly [string, Typed])[] = []
  defaultDataset: string | null
  queryLabel: string | null = null
  lastJobId: string | null = null
  /** Rows that the last statement of DML changed. */
  rowCount: number | null = null
  /** Statements that were jobs of their own. */
  children = 0
  isScript = false
  inTransaction = false
  /** A statement failed: DuckDB has undone the transaction, the script has not ended it yet. */
  doomed = false
  private temporaryBefore: ReadonlyMap<string, TableEntry> = new Map()
  /** Of a job that is one statement, so that its transaction is the job's whole effect. */
  jobKey: string | undefined
  private release: (() => void) | null = null
  /** What the script's transaction has changed of the catalogue so far. */
  pending: Change[] = []
  private readonly counter = { next: 1 }

  constructor(
    database: Database,
    connection: DuckDBConnection,
    request: QueryRequest,
    named: ReadonlyMap<string, Typed>,
    positional: readonly Typed[],
  ) {
    this.database = database
    this.connection = connection
    this.request = request
    this.named = named
    this.positional = positional
    this.defaultDataset = request.defaultDataset ?? null
    this.text = request.sql
  }

  context(): Context {
    return {
      catalog: this.database.catalog,
      project: this.request.project,
      defaultDataset: this.defaultDataset,
      now: this.request.now,
      named: this.named,
      positional: this.positional,
      variables: this.variables,
      system: systemVariables(this),
      temporary: this.temporary,
      temporaryFunctions: this.temporaryFunctions,
      referenced: this.referenced,
      expanding: [],
      counter: this.counter,
      ...(this.request.jobs ? { jobs: this.request.jobs } : {}),
    }
  }

  /** For expressions that stand alone, such as a column's default. */
  static bareContext(now: number): Context {
    return {
      catalog: new Catalog(),
      project: '',
      defaultDataset: null,
      now,
      named: new Map(),
      positional: [],
      variables: new Map(),
      system: new Map(),
      temporary: new Map(),
      temporaryFunctions: new Map(),
      referenced: [],
      expanding: [],
      counter: { next: 1 },
    }
  }

  /** A number that no other name of this request has. */
  unique(): number {
    return this.counter.next++
  }

  /** Counts what the statement is about to read; `changed` is the table of which it changes rows. */
  async countBytes(changed?: TableEntry): Promise<void> {
    const tables = this.referenced.flatMap((name) => this.database.catalog.table(name) ?? [])
    if (tables.length === 0 && changed === undefined) return
    const { processed, billed } = await bytesRead(this.connection, tables, this.text, {
      ...(changed === undefined || changed.dataset === '' ? {} : { changed }),
      dirty: this.inTransaction,
    })
    this.bytes = { processed: this.bytes.processed + processed, billed: this.bytes.billed + billed }
  }

  /** Runs a writing statement: in the script's transaction, or in one of its own. */
  async write<T>(body: (changes: Change[]) => Promise<T>): Promise<T> {
    if (this.doomed) throw refused('writing in a transaction in which a statement failed')
    if (this.inTransaction) return body(this.pending)
    const release = await this.database.writers.acquire()
    try {
      let result: T
      await this.database.transact(
        this.connection,
        async (_connection, changes) => {
          result = await body(changes)
        },
        this.jobKey,
      )
      return result!
    } finally {
      release()
    }
  }

  async begin(): Promise<void> {
    this.release = await this.database.writers.acquire()
    try {
      await execute(this.connection, 'BEGIN TRANSACTION')
      this.inTransaction = true
      this.temporaryBefore = new Map(this.temporary)
    } catch (error) {
      this.end()
      throw error
    }
  }

  async commit(): Promise<void> {
    try {
      await this.database.commit(this.connection, this.pending)
    } finally {
      this.end()
    }
  }

  /**
   * What a handler does after a failure within a transaction: DuckDB has no way back to before one statement, so the
   * whole transaction is undone. Until the script rolls it back, it can neither write nor read tables.
   */
  async afterFailure(): Promise<void> {
    if (!this.inTransaction || this.doomed) return
    try {
      await this.connection.run('SELECT 1')
    } catch {
      this.doomed = true
      await this.connection.run('ROLLBACK').catch(() => undefined)
      this.restoreTemporary()
    }
  }

  /** Refuses to read tables whose state is not the one that the script must see. */
  checkReadable(): void {
    if (this.doomed && this.referenced.length > 0)
      throw refused('reading tables in a transaction in which a statement failed, before its ROLLBACK')
  }

  private restoreTemporary(): void {
    this.temporary.clear()
    for (const [name, entry] of this.temporaryBefore) this.temporary.set(name, entry)
  }

  async rollback(): Promise<void> {
    try {
      this.restoreTemporary()
      if (!this.doomed) await this.connection.run('ROLLBACK')
    } catch {
      // DuckDB has ended the transaction by itself.
    } finally {
      this.end()
    }
  }

  private end(): void {
    this.inTransaction = false
    this.doomed = false
    this.pending = []
    this.release?.()
    this.release = null
  }
}
