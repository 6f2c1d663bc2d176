import { INT64, STRING } from '../../types/type.ts'
import type { TableEntry } from '../entry.ts'
import type { Asked, View, ViewCell } from './view.ts'

const strings = (...names: readonly string[]) => names.map((name) => [name, STRING] as const)
const table = strings('table_catalog', 'table_schema', 'table_name')
const constraint = strings('constraint_catalog', 'constraint_schema', 'constraint_name')

interface Key {
  readonly entry: TableEntry
  readonly name: string
  readonly primary: boolean
  readonly columns: readonly string[]
  readonly target: { readonly dataset: string; readonly table: string; readonly columns: readonly string[] }
}

/** A table's keys; names begin with the table's. */
function keysOf({ tables }: Asked): Key[] {
  return tables.flatMap((entry) => {
    const { dataset, table: own, primaryKey, foreignKeys = [] } = entry
    const primary: Key[] = primaryKey
      ? [
          {
            entry,
            name: `${own}.pk$`,
            primary: true,
            columns: primaryKey,
            target: { dataset, table: own, columns: primaryKey },
          },
        ]
      : []
    const foreign = foreignKeys.map((key) => ({
      entry,
      name: `${own}.${key.name}`,
      primary: false,
      columns: key.columns,
      target: { ...key.table, columns: key.referenced },
    }))
    return [...primary, ...foreign]
  })
}

function named({ entry, name }: Key, project: string): ViewCell[] {
  return [project, entry.dataset, name]
}

/** https://cloud.google.com/bigquery/docs/information-schema-table-constraints */
const constraints: View = {
  columns: [
    ...constraint,
    ...table,
    ...strings('constraint_type', 'is_deferrable', 'initially_deferred', 'enforced'),
  ],
  rows: (asked) =>
    keysOf(asked).map((key) => [
      ...named(key, asked.context.project),
      asked.context.project,
      key.entry.dataset,
      key.entry.table,
      key.primary ? 'PRIMARY KEY' : 'FOREIGN KEY',
      'NO',
      'NO',
      'NO',
    ]),
}

const keyColumns: View = {
  columns: [
    ...constraint,
    ...table,
    ['column_name', STRING],
    ['ordinal_position', INT64],
    ['position_in_unique_constraint', INT64],
  ],
  rows: (asked) =>
    keysOf(asked).flatMap((key) =>
      key.columns.map((column, i) => [
        ...named(key, asked.context.project),
        asked.context.project,
        key.entry.dataset,
        key.entry.table,
        column,
        i + 1,
        key.primary ? null : i + 1,
      ]),
    ),
}

/** The columns that a key is about: its own of a primary key, the referenced ones of a foreign key. */
const usedColumns: View = {
  columns: [...table, ['column_name', STRING], ...constraint],
  rows: (asked) =>
    keysOf(asked).flatMap((key) =>
      key.target.columns.map((column) => [
        asked.context.project,
        key.target.dataset,
        key.target.table,
        column,
        ...named(key, asked.context.project),
      ]),
    ),
}

export const keyViews: Readonly<Record<string, View>> = {
  TABLE_CONSTRAINTS: constraints,
  KEY_COLUMN_USAGE: keyColumns,
  CONSTRAINT_COLUMN_USAGE: usedColumns,
}
