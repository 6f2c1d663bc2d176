import type { Column } from './column.ts'
import type { DagError } from './errors/dag-error.ts'
import { callerOf, type Location } from './location.ts'
import { durationSeconds, type Duration } from './duration.ts'
import { checkModel } from './model-check.ts'
import type { QualityTest } from './quality.ts'
import type { SqlText } from './sql.ts'
import type { TableName } from './table-name.ts'
import type { WriteMode } from './write-mode.ts'

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

/** What every write mode fills in itself. */
const loadColumns = {
  _load_id: { type: 'STRING', description: 'Run and execution that wrote the row last' },
  _loaded_at: { type: 'TIMESTAMP', description: 'When the row was written last' },
} as const satisfies Readonly<Record<string, Column>>

const hashColumn = {
  row_hash: {
    type: 'STRING',
    description: 'SHA-256 of the values by which the row is known to have changed',
  },
} as const satisfies Readonly<Record<string, Column>>

type AddedName = keyof typeof loadColumns | keyof typeof hashColumn

interface BaseOptions<C extends Columns> {
  readonly layer: Layer
  readonly dataset: string
  readonly table: string
  /** What a row is, in a sentence. */
  readonly description: string
  /** All columns but those that the write mode adds: `_load_id`, `_loaded_at`, and `row_hash` of `merge` and `history`. */
  readonly columns: C
  /** The grain: what makes a row one row. */
  readonly primaryKey: readonly ColumnName<C>[]
  /** A DATE or TIMESTAMP column; one partition per day. @default none */
  readonly partitionBy?: ColumnName<C>
  /** At most four. @default [] */
  readonly clusterBy?: readonly ColumnName<C>[]
  /** Days after which a partition is dropped; null keeps all. */
  readonly retentionDays: number | null
  /** Quality tests, besides that of the primary key. @default [] */
  readonly tests?: readonly QualityTest[]
  /** Labels of the table. @default {} */
  readonly labels?: Readonly<Record<string, string>>
  /** Whether a query has to say which partitions it reads. @default false */
  readonly requirePartitionFilter?: boolean
}

interface SelectOptions<C extends Columns> {
  /** How the rows of the SELECT get into the table. */
  readonly write: WriteMode<ColumnName<C>>
  /** One SELECT that names each declared column, in any order. */
  readonly sql: SqlText
  /**
   * A table for rows that a rule refuses: those with a `_rule` that is not null. It is given the columns of the SELECT that
   * it declares, and the rule as `rule`. @default none
   */
  readonly quarantine?: Model
  /**
   * Reads only what is new: `sql.since` is the newest value of this column in the table, less the look-back (for rows that
   * come late). @default none
   */
  readonly watermark?: { readonly column: ColumnName<C>; readonly lookBack?: Duration }
  /** Fails where the interval before the run's was not built. @default false */
  readonly dependsOnPast?: boolean
  readonly writes?: never
}

interface ScriptOptions {
  /**
   * The script that builds the table: one or several statements, run as a stored procedure. A function is given the
   * model's own table, for scripts that name it. Left out when a step fills the table (`writes` of its task).
   */
  readonly sql?: SqlText | ((self: TableName) => SqlText)
  /** Other tables that the script fills as well; their readers wait for it. @default [] */
  readonly writes?: readonly Model[]
  readonly write?: never
  readonly quarantine?: never
  readonly watermark?: never
  readonly dependsOnPast?: never
}

export type ModelOptions<C extends Columns> = BaseOptions<C> & (SelectOptions<C> | ScriptOptions)

declare const columnNames: unique symbol

/** A BigQuery table with what it means and how it is built. `Name` are its columns. */
export interface Model<Name extends string = string> {
  /** Only for the type checker. */
  readonly [columnNames]?: Name
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
  /** How the SELECT is written; null for a script, and for a table that a step fills. */
  readonly write: WriteMode | null
  readonly sql: SqlText | null
  readonly writes: readonly Model[]
  readonly quarantine: Model | null
  readonly watermark: Watermark | null
  readonly dependsOnPast: boolean
  readonly tests: readonly QualityTest[]
  readonly labels: Readonly<Record<string, string>>
  readonly requirePartitionFilter: boolean
  readonly at: Location | null
  /** Found while it was declared; reported by every DAG that uses the model. */
  readonly problems: readonly DagError[]
}

interface Watermark {
  readonly column: string
  /** Null where what is given is no length of time. */
  readonly lookBackSeconds: number | null
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
 *   write: write.replacePartition(),
 *   sql: sql`SELECT genre, COUNT(*) AS sold FROM ${sale} GROUP BY genre`,
 *   tests: [quality.notNull('genre')],
 * })
 */
export function model<const C extends Columns>(options: ModelOptions<C>): Model<ColumnName<C> | AddedName> {
  const at = callerOf(model)
  const self: TableName = Object.freeze({ kind: 'table', dataset: options.dataset, table: options.table })
  const text = typeof options.sql === 'function' ? options.sql(self) : options.sql
  const write = options.write ?? null
  const declared = {
    kind: 'model' as const,
    layer: options.layer,
    dataset: options.dataset,
    table: options.table,
    description: options.description,
    columns: Object.freeze([...namedColumns(options.columns), ...addedColumns(options.columns, write)]),
    primaryKey: Object.freeze([...(options.primaryKey ?? [])]),
    partitionBy: options.partitionBy ?? null,
    clusterBy: Object.freeze([...(options.clusterBy ?? [])]),
    retentionDays: options.retentionDays ?? null,
    write,
    sql: text ?? null,
    writes: Object.freeze([...(options.writes ?? [])]),
    quarantine: options.quarantine ?? null,
    watermark: options.watermark
      ? Object.freeze({
          column: options.watermark.column,
          lookBackSeconds:
            options.watermark.lookBack === undefined ? 0 : durationSeconds(options.watermark.lookBack),
        })
      : null,
    dependsOnPast: options.dependsOnPast ?? false,
    tests: Object.freeze([...(options.tests ?? [])]),
    labels: Object.freeze({ ...options.labels }),
    requirePartitionFilter: options.requirePartitionFilter ?? false,
    at,
  }
  return Object.freeze({ ...declared, problems: checkModel(declared, options) })
}

/** What the write mode adds to the declared columns. */
function addedColumns(columns: Columns, write: WriteMode | null): readonly NamedColumn[] {
  if (write === null || write.kind === 'view') return []
  const hashed = write.kind === 'merge' || write.kind === 'history'
  const added = namedColumns({ ...(hashed && hashColumn), ...loadColumns })
  const known = new Set(namedColumns(columns).map(({ name }) => name))
  return added.filter(({ name }) => !known.has(name))
}

function namedColumns(columns: Columns): readonly NamedColumn[] {
  if (Array.isArray(columns)) return columns as readonly NamedColumn[]
  return Object.entries(columns as Readonly<Record<string, Column>>).map(([name, item]) => ({
    ...item,
    name,
  }))
}
