import { timestampSql } from '../../analyze/coerce.ts'
import { duckType, quoteText } from '../../types/duck.ts'
import { BOOL, INT64, STRING, TIMESTAMP, type Type } from '../../types/type.ts'
import { rowBytes } from '../../load/bytes.ts'
import { isLongTerm } from '../../warehouse.ts'
import type { TableEntry } from '../entry.ts'
import { partitionId } from './partitions.ts'
import { tableType } from './tables.ts'
import type { Asked, SchemaView } from './view.ts'

/** A column of a view that counts rows, as SQL over a table's counts `n` (rows), `b` (bytes) and `p` (partitions). */
type Column = readonly [
  name: string,
  type: Type,
  value: (entry: TableEntry, project: string, now: number) => string | null,
]

const time = (ms: number): string => timestampSql(BigInt(ms) * 1000n, false)
const integer = (value: string): string => `CAST(${value} AS BIGINT)`
const unknown = (name: string): Column => [name, INT64, () => null]

/** https://cloud.google.com/bigquery/docs/information-schema-table-storage; of physical bytes nothing is known. */
const storage: readonly Column[] = [
  ['project_id', STRING, (_, project) => quoteText(project)],
  unknown('project_number'),
  ['table_catalog', STRING, (_, project) => quoteText(project)],
  ['table_schema', STRING, ({ dataset }) => quoteText(dataset)],
  ['table_name', STRING, ({ table }) => quoteText(table)],
  ['creation_time', TIMESTAMP, ({ createdAt }) => time(createdAt)],
  ['total_rows', INT64, () => 'n'],
  ['total_partitions', INT64, () => 'p'],
  ['total_logical_bytes', INT64, () => 'b'],
  ['active_logical_bytes', INT64, (entry, _, now) => (isLongTerm(entry, now) ? integer('0') : 'b')],
  ['long_term_logical_bytes', INT64, (entry, _, now) => (isLongTerm(entry, now) ? 'b' : integer('0'))],
  ...[
    'current_physical_bytes',
    'total_physical_bytes',
    'active_physical_bytes',
    'long_term_physical_bytes',
    'time_travel_physical_bytes',
  ].map(unknown),
  ['storage_last_modified_time', TIMESTAMP, ({ modifiedAt }) => time(modifiedAt)],
  ['deleted', BOOL, () => 'FALSE'],
  ['table_type', STRING, (entry) => quoteText(tableType(entry))],
  ['managed_table_type', STRING, () => quoteText('NATIVE')],
  unknown('fail_safe_physical_bytes'),
]

/** The older `dataset.__TABLES__`. */
const metaTables: readonly Column[] = [
  ['project_id', STRING, (_, project) => quoteText(project)],
  ['dataset_id', STRING, ({ dataset }) => quoteText(dataset)],
  ['table_id', STRING, ({ table }) => quoteText(table)],
  ['creation_time', INT64, ({ createdAt }) => integer(String(createdAt))],
  ['last_modified_time', INT64, ({ modifiedAt }) => integer(String(modifiedAt))],
  ['row_count', INT64, ({ kind }) => (kind === 'VIEW' ? null : 'n')],
  ['size_bytes', INT64, ({ kind }) => (kind === 'VIEW' ? null : 'b')],
  ['type', INT64, ({ kind }) => integer(kind === 'VIEW' ? '2' : '1')],
]

export function storageView(asked: Asked): SchemaView {
  return counted(
    storage,
    asked,
    asked.tables.filter(({ kind }) => kind === 'TABLE'),
  )
}

export function metaTablesView(asked: Asked): SchemaView {
  return counted(metaTables, asked, asked.tables)
}

function counted(columns: readonly Column[], { context }: Asked, tables: readonly TableEntry[]): SchemaView {
  const cells = (entry: TableEntry | null): string =>
    columns
      .map(([, type, value], i) => {
        const sql = entry ? value(entry, context.project, context.now) : null
        return `${sql ?? `CAST(NULL AS ${duckType(type)})`} AS c${i}`
      })
      .join(', ')
  const selects = tables.map((entry) => {
    if (entry.kind === 'VIEW') return `SELECT ${cells(entry)}`
    const id = partitionId(entry)
    const parts = id === null ? 'CAST(NULL AS BIGINT)' : `count(DISTINCT ${id})`
    return `SELECT ${cells(entry)} FROM (SELECT count(*) AS n, CAST(${rowBytes(entry.schema)} AS BIGINT) AS b, ${parts} AS p FROM ${entry.physical})`
  })
  const sql = [...selects, `SELECT ${cells(null)} WHERE FALSE`].join(' UNION ALL ')
  return { sql: `(${sql})`, columns: columns.map(([name, type]) => ({ name, type })) }
}
