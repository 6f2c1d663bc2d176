import type { Context } from '../analyze/context.ts'
import { timestampSql } from '../analyze/coerce.ts'
import { duckType, quoteText } from '../types/duck.ts'
import { INT64, STRING, TIMESTAMP, type Type, typeOfField, typeText } from '../types/type.ts'
import { partitionsView } from './partitions-view.ts'
import type { StoredField, TableEntry } from './entry.ts'

export interface SchemaView {
  readonly sql: string
  readonly columns: readonly { readonly name: string; readonly type: Type }[]
}

type Row = readonly (string | number | bigint | null)[]

interface View {
  readonly columns: readonly (readonly [string, Type])[]
  rows(tables: readonly TableEntry[], context: Context, dataset: string | null): Row[]
}

/** https://cloud.google.com/bigquery/docs/information-schema-intro */
const views: Readonly<Record<string, View>> = {
  SCHEMATA: {
    columns: [
      ['catalog_name', STRING],
      ['schema_name', STRING],
      ['location', STRING],
      ['creation_time', TIMESTAMP],
      ['last_modified_time', TIMESTAMP],
    ],
    rows: (_tables, c) =>
      c.catalog
        .datasets()
        .map((d) => [c.project, d.dataset, d.location, BigInt(d.createdAt), BigInt(d.modifiedAt)]),
  },
  TABLES: {
    columns: [
      ['table_catalog', STRING],
      ['table_schema', STRING],
      ['table_name', STRING],
      ['table_type', STRING],
      ['is_insertable_into', STRING],
      ['is_typed', STRING],
      ['creation_time', TIMESTAMP],
    ],
    rows: (tables, c) =>
      tables.map((t) => [
        c.project,
        t.dataset,
        t.table,
        t.kind === 'VIEW' ? (t.materialized ? 'MATERIALIZED VIEW' : 'VIEW') : 'BASE TABLE',
        t.kind === 'VIEW' ? 'NO' : 'YES',
        'NO',
        BigInt(t.createdAt),
      ]),
  },
  VIEWS: {
    columns: [
      ['table_catalog', STRING],
      ['table_schema', STRING],
      ['table_name', STRING],
      ['view_definition', STRING],
      ['check_option', STRING],
      ['use_standard_sql', STRING],
    ],
    rows: (tables, c) =>
      tables
        .filter((t) => t.kind === 'VIEW')
        .map((t) => [c.project, t.dataset, t.table, t.viewQuery ?? '', null, 'YES']),
  },
  COLUMNS: {
    columns: [
      ['table_catalog', STRING],
      ['table_schema', STRING],
      ['table_name', STRING],
      ['column_name', STRING],
      ['ordinal_position', INT64],
      ['is_nullable', STRING],
      ['data_type', STRING],
      ['is_generated', STRING],
      ['generation_expression', STRING],
      ['is_stored', STRING],
      ['is_hidden', STRING],
      ['is_updatable', STRING],
      ['is_system_defined', STRING],
      ['is_partitioning_column', STRING],
      ['clustering_ordinal_position', INT64],
      ['collation_name', STRING],
      ['column_default', STRING],
      ['rounding_mode', STRING],
    ],
    rows: (tables, c) => tables.flatMap((t) => t.schema.map((field, i) => columnRow(t, field, i, c))),
  },
  COLUMN_FIELD_PATHS: {
    columns: [
      ['table_catalog', STRING],
      ['table_schema', STRING],
      ['table_name', STRING],
      ['column_name', STRING],
      ['field_path', STRING],
      ['data_type', STRING],
      ['description', STRING],
    ],
    rows: (tables, c) =>
      tables.flatMap((t) =>
        t.schema.flatMap((field) =>
          paths(field, field.name).map(([path, inner]) => [
            c.project,
            t.dataset,
            t.table,
            field.name,
            path,
            dataType(inner),
            inner.description ?? null,
          ]),
        ),
      ),
  },
  TABLE_OPTIONS: {
    columns: [
      ['table_catalog', STRING],
      ['table_schema', STRING],
      ['table_name', STRING],
      ['option_name', STRING],
      ['option_type', STRING],
      ['option_value', STRING],
    ],
    rows: (tables, c) =>
      tables.flatMap((t) => optionRows(t).map((option) => [c.project, t.dataset, t.table, ...option])),
  },
  ROUTINES: {
    columns: [
      ['specific_catalog', STRING],
      ['specific_schema', STRING],
      ['specific_name', STRING],
      ['routine_catalog', STRING],
      ['routine_schema', STRING],
      ['routine_name', STRING],
      ['routine_type', STRING],
      ['routine_body', STRING],
      ['routine_definition', STRING],
      ['created', TIMESTAMP],
    ],
    rows: (_tables, c, dataset) =>
      (dataset === null ? c.catalog.datasets().map((d) => d.dataset) : [dataset]).flatMap((name) =>
        c.catalog
          .routines(name)
          .map((r) => [
            c.project,
            name,
            r.routine,
            c.project,
            name,
            r.routine,
            r.kind,
            'SQL',
            r.body,
            BigInt(r.createdAt),
          ]),
      ),
  },
}

function columnRow(table: TableEntry, field: StoredField, i: number, context: Context): Row {
  const cluster = (table.clustering ?? []).findIndex(
    (name) => name.toLowerCase() === field.name.toLowerCase(),
  )
  const partition =
    (table.partitioning?.field ?? table.rangePartitioning?.field)?.toLowerCase() === field.name.toLowerCase()
  return [
    context.project,
    table.dataset,
    table.table,
    field.name,
    i + 1,
    field.mode === 'REQUIRED' ? 'NO' : 'YES',
    dataType(field),
    'NEVER',
    null,
    null,
    'NO',
    null,
    'NO',
    partition ? 'YES' : 'NO',
    cluster < 0 ? null : cluster + 1,
    'NULL',
    field.defaultValue ?? 'NULL',
    null,
  ]
}

/** A column's type with its length or precision. */
function dataType(field: StoredField): string {
  const { precision, scale, maxLength } = field
  const parameters =
    maxLength !== undefined
      ? `(${maxLength})`
      : precision !== undefined
        ? `(${precision}${scale === undefined || scale === 0 ? '' : `, ${scale}`})`
        : ''
  const text = typeText(typeOfField({ ...field, mode: 'NULLABLE' })) + parameters
  return field.mode === 'REPEATED' ? `ARRAY<${text}>` : text
}

function paths(field: StoredField, path: string): [string, StoredField][] {
  return [[path, field], ...(field.fields ?? []).flatMap((inner) => paths(inner, `${path}.${inner.name}`))]
}

function optionRows(table: TableEntry): string[][] {
  const rows: string[][] = []
  if (table.description !== undefined) rows.push(['description', 'STRING', JSON.stringify(table.description)])
  const labels = Object.entries(table.labels)
  if (labels.length > 0)
    rows.push([
      'labels',
      'ARRAY<STRUCT<STRING, STRING>>',
      `[${labels.map(([key, value]) => `STRUCT(${JSON.stringify(key)}, ${JSON.stringify(value)})`).join(', ')}]`,
    ])
  if (table.partitioning?.expirationMs !== undefined)
    rows.push(['partition_expiration_days', 'FLOAT64', String(table.partitioning.expirationMs / 86_400_000)])
  if (table.requirePartitionFilter) rows.push(['require_partition_filter', 'BOOL', 'true'])
  return rows
}

/** The view's rows as a derived table with columns c0, c1 …; null if the local warehouse lacks the view. */
export function informationSchema(name: string, dataset: string | null, context: Context): SchemaView | null {
  const datasets = dataset === null ? context.catalog.datasets().map((item) => item.dataset) : [dataset]
  const tables = datasets.flatMap((item) => context.catalog.tables(item))
  if (name === 'PARTITIONS') return partitionsView(tables, context.project)
  const view = Object.hasOwn(views, name) ? views[name]! : null
  if (!view) return null
  const rows = view.rows(tables, context, dataset)
  const columns = view.columns.map(([column, type]) => ({ name: column, type }))
  const cells = rows.map(
    (row) =>
      `SELECT ${columns.map((column, i) => `${cell(row[i] ?? null, column.type)} AS c${i}`).join(', ')}`,
  )
  const empty = `SELECT ${columns.map((column, i) => `CAST(NULL AS ${duckType(column.type)}) AS c${i}`).join(', ')} WHERE FALSE`
  return { sql: `(${cells.length > 0 ? cells.join(' UNION ALL ') : empty})`, columns }
}

function cell(value: string | number | bigint | null, type: Type): string {
  if (value === null) return `CAST(NULL AS ${duckType(type)})`
  if (typeof value === 'bigint') return timestampSql(value * 1000n, false)
  return typeof value === 'number' ? `CAST(${value} AS BIGINT)` : quoteText(value)
}
