import { mkdirSync, rmSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBMaterializedResult } from '@duckdb/node-api'
import { Catalog, type Change } from '../catalog/catalog.ts'
import type { TableEntry } from '../catalog/entry.ts'
import { DATABASE } from '../catalog/physical.ts'
import { quoteText } from '../types/duck.ts'
import type { StoredModel } from '../ml/model.ts'
import type { DatasetMetadata, RoutineMetadata } from '../warehouse.ts'
import { translateError } from './errors.ts'
import { Mutex } from './mutex.ts'
import { registerNativeFunctions } from './native/register.ts'

export interface DatabaseOptions {
  readonly dir: string
  /** Bytes. @default half of the machine's memory, at most 4 GB */
  readonly memoryLimit?: number
  /** @default the machine's */
  readonly threads?: number
}

const META = `${DATABASE}."_catalog"`

/** The DuckDB file, its catalogue, and the lock that keeps writers apart. */
export class Database {
  readonly catalog = new Catalog()
  readonly writers = new Mutex()
  private readonly instance: DuckDBInstance

  private constructor(instance: DuckDBInstance) {
    this.instance = instance
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    mkdirSync(options.dir, { recursive: true })
    const temporary = join(options.dir, 'tmp')
    rmSync(temporary, { recursive: true, force: true })
    mkdirSync(temporary, { recursive: true })
    const memory = options.memoryLimit ?? Math.min(totalmem() / 2, 4 * 1024 ** 3)
    const instance = await DuckDBInstance.create(join(options.dir, `${DATABASE}.duckdb`), {
      threads: String(options.threads ?? availableParallelism()),
      memory_limit: `${Math.floor(memory / 1024 ** 2)}MiB`,
      temp_directory: temporary,
      default_null_order: 'nulls_first_on_asc_last_on_desc',
      // It moves what TRY guards out of TRY when the same stands elsewhere: IF(SAFE_CAST(x …) IS NULL, 0, CAST(x …)).
      // It is a setting of the whole instance, so it cannot be off for the statements with TRY alone.
      disabled_optimizers: 'common_subexpressions',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    const database = new Database(instance)
    await database.prepare()
    return database
  }

  private async prepare(): Promise<void> {
    const connection = await this.instance.connect()
    try {
      await connection.run(`SET GLOBAL TimeZone = 'UTC'`)
      registerNativeFunctions(connection)
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${META}`)
      for (const table of ['datasets', 'tables', 'routines', 'models'])
        await connection.run(
          `CREATE TABLE IF NOT EXISTS ${META}."${table}" (dataset VARCHAR, name VARCHAR, body VARCHAR)`,
        )
      await connection.run(`CREATE TABLE IF NOT EXISTS ${META}."jobs" (job VARCHAR, result VARCHAR)`)
      const read = async (table: string): Promise<unknown[]> => {
        const reader = await connection.runAndReadAll(`SELECT body FROM ${META}."${table}"`)
        return reader.getRows().map(([body]) => JSON.parse(String(body)) as unknown)
      }
      for (const dataset of await read('datasets'))
        this.catalog.apply({ kind: 'putDataset', dataset: dataset as DatasetMetadata })
      for (const entry of await read('tables'))
        this.catalog.apply({ kind: 'putTable', entry: entry as TableEntry })
      for (const routine of await read('routines'))
        this.catalog.apply({ kind: 'putRoutine', routine: routine as RoutineMetadata })
      for (const model of await read('models'))
        this.catalog.apply({ kind: 'putModel', model: model as StoredModel })
    } finally {
      connection.closeSync()
    }
  }

  connect(): Promise<DuckDBConnection> {
    return this.instance.connect()
  }

  /** Runs `body` on a connection of its own. */
  async withConnection<T>(body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.instance.connect()
    try {
      return await body(connection)
    } finally {
      connection.closeSync()
    }
  }

  /**
   * Runs `body` alone among writers, in one transaction; what it adds to `changes` is stored with it and shows in
   * the catalogue once it is committed.
   */
  async write<T>(
    body: (connection: DuckDBConnection, changes: Change[]) => Promise<T>,
    jobKey?: string,
  ): Promise<T> {
    const release = await this.writers.acquire()
    try {
      return await this.withConnection((connection) => this.transact(connection, body, jobKey))
    } finally {
      release()
    }
  }

  /**
   * One transaction on a connection of a caller that holds the writers' lock. With a key it is the whole effect of a
   * job, and what `body` gives is kept with it: after a kill `committedJobs` tells which jobs have had their effect.
   */
  async transact<T>(
    connection: DuckDBConnection,
    body: (connection: DuckDBConnection, changes: Change[]) => Promise<T>,
    jobKey?: string,
  ): Promise<T> {
    const changes: Change[] = []
    await execute(connection, 'BEGIN TRANSACTION')
    let result: T
    try {
      result = await body(connection, changes)
      if (jobKey !== undefined)
        await execute(
          connection,
          `INSERT INTO ${META}."jobs" VALUES (${quoteText(jobKey)}, ${quoteText(JSON.stringify(result ?? null))})`,
        )
      await this.commit(connection, changes)
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined)
      throw error
    }
    return result
  }

  /** Ends a transaction of a caller that holds the writers' lock, with what it has changed of the catalogue. */
  async commit(connection: DuckDBConnection, changes: readonly Change[]): Promise<void> {
    for (const change of changes) await this.store(connection, change)
    await execute(connection, 'COMMIT')
    for (const change of changes) this.catalog.apply(change)
  }

  /** What the jobs among these gave that have had their effect, by key. */
  async committedJobs(keys: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    return this.withConnection(async (connection) => {
      const reader = await connection.runAndReadAll(`SELECT job, result FROM ${META}."jobs"`)
      const all = reader.getRows().map(([job, result]) => [String(job), String(result)] as const)
      return new Map(
        all
          .filter(([job]) => keys.includes(job))
          .map(([job, result]) => [job, JSON.parse(result) as unknown]),
      )
    })
  }

  private async store(connection: DuckDBConnection, change: Change): Promise<void> {
    const remove = (table: string, dataset: string, name: string): Promise<unknown> =>
      execute(
        connection,
        `DELETE FROM ${META}."${table}" WHERE dataset = ${quoteText(dataset)} AND name = ${quoteText(name)}`,
      )
    const put = async (table: string, dataset: string, name: string, body: unknown): Promise<void> => {
      await remove(table, dataset, name)
      await execute(
        connection,
        `INSERT INTO ${META}."${table}" VALUES (${[dataset, name, JSON.stringify(body)].map(quoteText).join(', ')})`,
      )
    }
    switch (change.kind) {
      case 'putDataset':
        return put('datasets', change.dataset.dataset, '', change.dataset)
      case 'dropDataset':
        for (const table of ['datasets', 'tables', 'routines', 'models'])
          await execute(
            connection,
            `DELETE FROM ${META}."${table}" WHERE dataset = ${quoteText(change.dataset)}`,
          )
        return
      case 'putTable':
        return put('tables', change.entry.dataset, change.entry.table, change.entry)
      case 'dropTable':
        return void (await remove('tables', change.name.dataset, change.name.table))
      case 'putRoutine':
        return put('routines', change.routine.dataset, change.routine.routine, change.routine)
      case 'dropRoutine':
        return void (await remove('routines', change.dataset, change.routine))
      case 'putModel':
        return put('models', change.model.dataset, change.model.model, change.model)
      case 'dropModel':
        return void (await remove('models', change.dataset, change.model))
    }
  }

  /** After this no job is in doubt. */
  async close(): Promise<void> {
    await this.withConnection((connection) => connection.run(`DELETE FROM ${META}."jobs"`)).catch(
      () => undefined,
    )
    this.instance.closeSync()
  }
}

/** Runs DuckDB SQL; failures come out as WarehouseErrors. */
export async function execute(connection: DuckDBConnection, sql: string): Promise<DuckDBMaterializedResult> {
  try {
    return await connection.run(sql)
  } catch (error) {
    throw translateError(error)
  }
}

/** The first column of the first row. */
export async function scalar(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const result = await execute(connection, sql)
  return result.rowCount === 0 ? null : result.getChunk(0).getColumnVector(0).getItem(0)
}
