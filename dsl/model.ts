import type { Column } from './column.ts'
import type { DagError } from './errors/dag-error.ts'
import { callerOf, type Location } from './location.ts'
import { checkModel } from './model-check.ts'
import type { SqlText, TableName } from './sql.ts'

/** From as-received to ready for readers: raw, trusted, refined, data mart. */
export type Layer = 'raw' | 'tru' | 'ref' | 'dmt'

/** Columns by name, or as a list that carries its names. */
export type Columns = Readonly<Record<string, Column>> | readonly NamedColumn[]

export interface NamedColumn extends Column {
  readonly name: string
}

/** Names of declared columns. */
type ColumnName<C extends Columns> = C extends readonly { readonly name: infer Name extends string }[]
  ? Name
  : Extract<keyof C, string>

export interface ModelOptions<C extends Columns> {
  readonly layer: Layer
  readonly dataset: string
  readonly table: string
  readonly description: string
  readonly columns: C
  /** The grain: what makes a row one row. */
  readonly primaryKey: readonly ColumnName<C>[]
  /** A DATE or TIMESTAMP column; one partition per day. @default none */
  readonly partitionBy?: ColumnName<C>
  /** At most four. @default [] */
  readonly clusterBy?: readonly ColumnName<C>[]
  /** Days after which a partition is dropped; null keeps all. */
  readonly retentionDays: number | null
  /**
   * The script that builds the table: one or several statements, run as a stored procedure. A function is given the
   * model's own table, for scripts that name it. Left out when a step fills the table (`writes` of its task).
   */
  readonly sql?: SqlText | ((self: TableName) => SqlText)
  /** Other tables that the script fills as well; their readers wait for it. @default [] */
  readonly writes?: readonly Model[]
}

/** A BigQuery table with what it means and how it is built. */
export interface Model {
  readonly kind: 'model'
  readonly layer: Layer
  readonly dataset: string
  readonly table: string
  readonly description: string
  readonly columns: readonly NamedColumn[]
  readonly primaryKey: readonly string[]
  readonly partitionBy: string | null
  readonly clusterBy: readonly string[]
  readonly retentionDays: number | null
  readonly sql: SqlText | null
  readonly writes: readonly Model[]
  readonly at: Location | null
  /** Found while it was declared; reported by every DAG that uses the model. */
  readonly problems: readonly DagError[]
}

/**
 * Declares a table.
 *
 * @example
 * const genre = model({
 *   layer: 'dmt',
 *   dataset: 'shop_dmt',
 *   table: 'genre',
 *   description: 'Sales by genre and day',
 *   columns: { dt: column.date('reference date'), genre: column.string('genre'), sold: column.int64('copies') },
 *   primaryKey: ['dt', 'genre'],
 *   partitionBy: 'dt',
 *   retentionDays: 730,
 *   sql: (self) => sql`
 *     DELETE FROM ${self} WHERE dt = reference_date;
 *     INSERT INTO ${self} SELECT reference_date, genre, COUNT(*) FROM ${sale} GROUP BY genre;
 *   `,
 * })
 */
export function model<const C extends Columns>(options: ModelOptions<C>): Model {
  const at = callerOf(model)
  const self: TableName = Object.freeze({ kind: 'table', dataset: options.dataset, table: options.table })
  const text = typeof options.sql === 'function' ? options.sql(self) : options.sql
  const declared = {
    kind: 'model' as const,
    layer: options.layer,
    dataset: options.dataset,
    table: options.table,
    description: options.description,
    columns: Object.freeze(namedColumns(options.columns)),
    primaryKey: Object.freeze([...(options.primaryKey ?? [])]),
    partitionBy: options.partitionBy ?? null,
    clusterBy: Object.freeze([...(options.clusterBy ?? [])]),
    retentionDays: options.retentionDays ?? null,
    sql: text ?? null,
    writes: Object.freeze([...(options.writes ?? [])]),
    at,
  }
  return Object.freeze({ ...declared, problems: checkModel(declared, options) })
}

function namedColumns(columns: Columns): readonly NamedColumn[] {
  if (Array.isArray(columns)) return columns as readonly NamedColumn[]
  return Object.entries(columns as Readonly<Record<string, Column>>).map(([name, item]) => ({
    ...item,
    name,
  }))
}
