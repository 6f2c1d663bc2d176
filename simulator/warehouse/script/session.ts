import type { DuckDBConnection } from '@duckdb/node-api'
import type { Context, UserFunction } from '../analyze/context.ts'
import type { Typed } from '../analyze/typed.ts'
import { Catalog, type Change } from '../catalog/catalog.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { type Database, execute } from '../engine/database.ts'
import type { Field, QueryRequest, QueryResult, ResultRows, TableName } from '../warehouse.ts'

export interface StatementResult {
  readonly statementType: string
  readonly schema: readonly Field[]
  readonly rows: ResultRows
  readonly dml?: QueryResult['dml']
  readonly ddl?: QueryResult['ddl']
}

/** One request's connection and what its script has made so far: variables, temporary tables, a transaction. */
export class Session {
  readonly database: Database
  readonly connection: DuckDBConnection
  readonly request: QueryRequest
  readonly named: ReadonlyMap<string, Typed>
  readonly positional: readonly Typed[]
  readonly referenced: TableName[] = []
  readonly temporary = new Map<string, TableEntry>()
  readonly temporaryFunctions = new Map<string, UserFunction>()
  variables: ReadonlyMap<string, Typed> = new Map()
  system: ReadonlyMap<string, Typed> = new Map()
  inTransaction = false
  private release: (() => void) | null = null
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
  }

  context(): Context {
    return {
      catalog: this.database.catalog,
      project: this.request.project,
      defaultDataset: this.request.defaultDataset ?? null,
      now: this.request.now,
      named: this.named,
      positional: this.positional,
      variables: this.variables,
      system: this.system,
      temporary: this.temporary,
      temporaryFunctions: this.temporaryFunctions,
      referenced: this.referenced,
      expanding: [],
      counter: this.counter,
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

  /** Runs a writing statement: in the script's transaction, or in one of its own. */
  async write<T>(body: (changes: Change[]) => Promise<T>): Promise<T> {
    if (this.inTransaction) return body([])
    const release = await this.database.writers.acquire()
    try {
      return await this.database.transact(this.connection, (_connection, changes) => body(changes))
    } finally {
      release()
    }
  }

  async begin(): Promise<void> {
    this.release = await this.database.writers.acquire()
    try {
      await execute(this.connection, 'BEGIN TRANSACTION')
      this.inTransaction = true
    } catch (error) {
      this.end()
      throw error
    }
  }

  async commit(): Promise<void> {
    try {
      await execute(this.connection, 'COMMIT')
    } finally {
      this.end()
    }
  }

  async rollback(): Promise<void> {
    try {
      await this.connection.run('ROLLBACK')
    } catch {
      // DuckDB has ended the transaction by itself.
    } finally {
      this.end()
    }
  }

  private end(): void {
    this.inTransaction = false
    this.release?.()
    this.release = null
  }
}
