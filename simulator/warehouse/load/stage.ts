import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api'
import type { StoredField } from '../catalog/entry.ts'
import { execute } from '../engine/database.ts'
import { duckType, quoteName } from '../types/duck.ts'
import { typeOfField } from '../types/type.ts'

let stages = 0

/** A temporary table that rows are appended to in chunks. */
export class Stage {
  readonly table: string
  rows = 0
  private readonly types: readonly DuckDBType[]
  private readonly append: (chunk: DuckDBDataChunk) => void
  private readonly finish: () => void
  private pending: DuckDBValue[][] = []

  private constructor(
    table: string,
    types: readonly DuckDBType[],
    append: (chunk: DuckDBDataChunk) => void,
    finish: () => void,
  ) {
    this.table = table
    this.types = types
    this.append = append
    this.finish = finish
  }

  static async create(connection: DuckDBConnection, schema: readonly StoredField[]): Promise<Stage> {
    const name = `_stage${stages++}`
    const table = `temp.main.${quoteName(name)}`
    await execute(
      connection,
      `CREATE TEMP TABLE ${table} (${schema.map((field, i) => `c${i} ${duckType(typeOfField(field))}`).join(', ')})`,
    )
    const appender = await connection.createAppender(name, 'main', 'temp')
    const types = schema.map((_, i) => appender.columnType(i))
    return new Stage(
      table,
      types,
      (chunk) => appender.appendDataChunk(chunk),
      () => appender.closeSync(),
    )
  }

  add(row: DuckDBValue[]): void {
    this.pending.push(row)
    this.rows++
    if (this.pending.length === 2048) this.flush()
  }

  close(): void {
    this.flush()
    this.finish()
  }

  private flush(): void {
    if (this.pending.length === 0) return
    const chunk = DuckDBDataChunk.create(this.types, this.pending.length)
    chunk.setRows(this.pending)
    this.append(chunk)
    this.pending = []
  }
}
