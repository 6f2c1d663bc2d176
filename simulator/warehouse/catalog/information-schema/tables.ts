import { arrayOf, INT64, JSON_TYPE, STRING, TIMESTAMP } from '../../types/type.ts'
import type { StoredField, TableEntry } from '../entry.ts'
import { fieldPaths, typeOfStored } from './column-text.ts'
import { datasetDdl, datasetOptions, tableDdl, tableOptions } from './ddl.ts'
import type { Asked, View, ViewCell } from './view.ts'

const strings = (...names: readonly string[]) => names.map((name) => [name, STRING] as const)
const table = strings('table_catalog', 'table_schema', 'table_name')

function nameOf(entry: TableEntry, { context }: Asked): string[] {
  return [context.project, entry.dataset, entry.table]
}

function datasetsOf({ context, datasets }: Asked) {
  return datasets.flatMap((name) => context.catalog.dataset(name) ?? [])
}

/** https://cloud.google.com/bigquery/docs/information-schema-datasets-schemata */
const schemata: View = {
  columns: [
    ...strings('catalog_name', 'schema_name', 'schema_owner'),
    ['creation_time', TIMESTAMP],
    ['last_modified_time', TIMESTAMP],
    ...strings('location', 'ddl', 'default_collation_name'),
    ['sync_status', JSON_TYPE],
  ],
  rows: (asked) =>
    datasetsOf(asked).map((d) => [
      asked.context.project,
      d.dataset,
      null,
      BigInt(d.createdAt),
      BigInt(d.modifiedAt),
      d.location,
      datasetDdl(d, asked.context.project),
      'NULL',
      null,
    ]),
}

const schemataOptions: View = {
  columns: strings('catalog_name', 'schema_name', 'option_name', 'option_type', 'option_value'),
  rows: (asked) =>
    datasetsOf(asked).flatMap((d) =>
      datasetOptions(d).map((option) => [asked.context.project, d.dataset, ...option]),
    ),
}

export function tableType(entry: TableEntry): string {
  if (entry.kind === 'TABLE') return entry.snapshot ? 'SNAPSHOT' : 'BASE TABLE'
  return entry.materialized ? 'MATERIALIZED VIEW' : 'VIEW'
}

/** https://cloud.google.com/bigquery/docs/information-schema-tables */
const tables: View = {
  columns: [
    ...table,
    ...strings(
      'table_type',
      'managed_table_type',
      'is_insertable_into',
      'is_fine_grained_mutations_enabled',
      'is_typed',
      'is_change_history_enabled',
    ),
    ['creation_time', TIMESTAMP],
    ...strings('base_table_catalog', 'base_table_schema', 'base_table_name'),
    ['snapshot_time_ms', TIMESTAMP],
    ...strings('replica_source_catalog', 'replica_source_schema', 'replica_source_name'),
    ...strings('replication_status', 'replication_error', 'ddl', 'default_collation_name'),
    ['sync_status', JSON_TYPE],
    ['upsert_stream_apply_watermark', TIMESTAMP],
  ],
  rows: (asked) =>
    asked.tables.map((entry) => {
      const base = entry.kind === 'TABLE'
      return [
        ...nameOf(entry, asked),
        tableType(entry),
        base ? 'NATIVE' : null,
        base ? 'YES' : 'NO',
        'NO',
        'NO',
        'NO',
        BigInt(entry.createdAt),
        ...Array.from({ length: 9 }, () => null),
        tableDdl(entry, asked.context.project),
        'NULL',
        null,
        null,
      ]
    }),
}

const views: View = {
  columns: [...table, ...strings('view_definition', 'check_option', 'use_standard_sql')],
  rows: (asked) =>
    asked.tables
      .filter((entry) => entry.kind === 'VIEW')
      .map((entry) => [...nameOf(entry, asked), entry.viewQuery ?? '', null, 'YES']),
}

/**
 * Without `last_refresh_status`: nothing is refreshed, since each is computed when it is read.
 * https://cloud.google.com/bigquery/docs/information-schema-materialized-views
 */
const materializedViews: View = {
  columns: [...table, ['last_refresh_time', TIMESTAMP], ['refresh_watermark', TIMESTAMP]],
  rows: (asked) =>
    asked.tables
      .filter((entry) => entry.materialized === true)
      .map((entry) => [...nameOf(entry, asked), BigInt(asked.context.now), BigInt(asked.context.now)]),
}

const tableOptionsView: View = {
  columns: [...table, ...strings('option_name', 'option_type', 'option_value')],
  rows: (asked) =>
    asked.tables.flatMap((entry) =>
      tableOptions(entry).map((option) => [...nameOf(entry, asked), ...option]),
    ),
}

/** https://cloud.google.com/bigquery/docs/information-schema-columns */
const columns: View = {
  columns: [
    ...table,
    ['column_name', STRING],
    ['ordinal_position', INT64],
    ...strings(
      'is_nullable',
      'data_type',
      'is_generated',
      'generation_expression',
      'is_stored',
      'is_hidden',
      'is_updatable',
      'is_system_defined',
      'is_partitioning_column',
    ),
    ['clustering_ordinal_position', INT64],
    ...strings('collation_name', 'column_default', 'rounding_mode'),
    ['policy_tags', arrayOf(STRING)],
  ],
  rows: (asked) =>
    asked.tables.flatMap((entry) =>
      entry.schema.map((field, i) => [...nameOf(entry, asked), ...columnCells(entry, field, i)]),
    ),
}

function columnCells(entry: TableEntry, field: StoredField, i: number): ViewCell[] {
  const same = (name: string | undefined): boolean => name?.toLowerCase() === field.name.toLowerCase()
  const cluster = (entry.clustering ?? []).findIndex(same)
  const partition = same(entry.partitioning?.field ?? entry.rangePartitioning?.field)
  return [
    field.name,
    i + 1,
    field.mode === 'REQUIRED' ? 'NO' : 'YES',
    typeOfStored(field),
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
    [],
  ]
}

/** https://cloud.google.com/bigquery/docs/information-schema-column-field-paths */
const fieldPathsView: View = {
  columns: [
    ...table,
    ...strings('column_name', 'field_path', 'data_type', 'description', 'collation_name', 'rounding_mode'),
    ['policy_tags', arrayOf(STRING)],
  ],
  rows: (asked) =>
    asked.tables.flatMap((entry) =>
      entry.schema.flatMap((field) =>
        fieldPaths(field, field.name).map(([path, inner]) => [
          ...nameOf(entry, asked),
          field.name,
          path,
          typeOfStored(inner),
          inner.description ?? null,
          'NULL',
          null,
          [],
        ]),
      ),
    ),
}

export const tableViews: Readonly<Record<string, View>> = {
  SCHEMATA: schemata,
  SCHEMATA_OPTIONS: schemataOptions,
  TABLES: tables,
  VIEWS: views,
  MATERIALIZED_VIEWS: materializedViews,
  TABLE_OPTIONS: tableOptionsView,
  COLUMNS: columns,
  COLUMN_FIELD_PATHS: fieldPathsView,
}
