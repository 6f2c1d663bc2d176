import { timestampSql } from '../../analyze/coerce.ts'
import { partitionStart } from '../../engine/partitions.ts'
import { rowBytes } from '../../load/bytes.ts'
import { duckType, quoteName, quoteText } from '../../types/duck.ts'
import { INT64, STRING, TIMESTAMP } from '../../types/type.ts'
import { isLongTerm } from '../../warehouse.ts'
import type { TableEntry } from '../entry.ts'
import type { SchemaView } from './view.ts'

const columns = [
  { name: 'table_catalog', type: STRING },
  { name: 'table_schema', type: STRING },
  { name: 'table_name', type: STRING },
  { name: 'partition_id', type: STRING },
  { name: 'total_rows', type: INT64 },
  { name: 'total_logical_bytes', type: INT64 },
  { name: 'last_modified_time', type: TIMESTAMP },
  { name: 'storage_tier', type: STRING },
]

/** No column of a table can be called so. */
const KEY = '"partition id?"'

const formats = { YEAR: '%Y', MONTH: '%Y%m', DAY: '%Y%m%d', HOUR: '%Y%m%d%H' }

/**
 * A row per partition, one with a null id for a table without partitions.
 * https://cloud.google.com/bigquery/docs/information-schema-partitions
 */
export function partitionsView(tables: readonly TableEntry[], project: string, now: number): SchemaView {
  const selects = tables
    .filter((entry) => entry.kind === 'TABLE')
    .map((entry) => {
      const cells = [
        quoteText(project),
        quoteText(entry.dataset),
        quoteText(entry.table),
        KEY,
        `CAST(count(${KEY}) AS BIGINT)`,
        `CAST(${rowBytes(entry.schema)} AS BIGINT)`,
        timestampSql(BigInt(entry.modifiedAt) * 1000n, false),
        quoteText(isLongTerm(entry, now) ? 'LONG_TERM' : 'ACTIVE'),
      ].map((sql, i) => `${sql} AS c${i}`)
      const id = partitionId(entry)
      if (id !== null)
        return `SELECT ${cells.join(', ')} FROM (SELECT *, ${id} AS ${KEY} FROM ${entry.physical}) GROUP BY ${KEY}`
      const whole = cells.map((sql, i) =>
        i === 3 ? 'CAST(NULL AS VARCHAR) AS c3' : i === 4 ? 'count(*) AS c4' : sql,
      )
      return `SELECT ${whole.join(', ')} FROM ${entry.physical}`
    })
  const empty = `SELECT ${columns.map(({ type }, i) => `CAST(NULL AS ${duckType(type)}) AS c${i}`).join(', ')} WHERE FALSE`
  return { sql: `(${selects.length > 0 ? selects.join(' UNION ALL ') : empty})`, columns }
}

/** Never null for a partitioned table. */
export function partitionId(entry: TableEntry): string | null {
  const start = partitionStart(entry)
  if (start !== null && entry.partitioning)
    return `coalesce(strftime(${start}, '${formats[entry.partitioning.type]}'), '__NULL__')`
  const { rangePartitioning: range } = entry
  if (!range) return null
  const column = quoteName(range.field)
  const first = `${range.start} + (${column} - ${range.start}) // ${range.interval} * ${range.interval}`
  return `CASE WHEN ${column} IS NULL THEN '__NULL__' WHEN ${column} < ${range.start} OR ${column} >= ${range.end} THEN '__UNPARTITIONED__' ELSE CAST(${first} AS VARCHAR) END`
}
