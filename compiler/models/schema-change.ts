import type { Manifest, ManifestColumn, ManifestTable } from '../../artifact/manifest.ts'
import { tableId, type Model } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'

/**
 * Changes of tables that BigQuery does not make on rows that are there, against what was compiled before.
 * https://cloud.google.com/bigquery/docs/managing-table-schemas
 */
export function checkSchemaChanges(
  models: readonly Model[],
  tables: readonly ManifestTable[],
  previous: Manifest,
  problems: Problems,
): void {
  const before = new Map(previous.tables.map((table) => [tableId(table), table]))
  for (const model of models) {
    const was = before.get(tableId(model))
    const is = tables.find((table) => tableId(table) === tableId(model))
    if (!was || !is) continue
    for (const change of incompatibleChanges(was, is)) {
      problems.add(
        'DAG417',
        `table ${tableId(model)}: ${change}`,
        `keep what there is and add a column beside it, or give the model another table name; where the table holds no rows yet: dag compile --accept ${tableId(model)}`,
        model.at,
      )
    }
  }
}

function incompatibleChanges(was: ManifestTable, is: ManifestTable): readonly string[] {
  if ((was.query === undefined) !== (is.query === undefined)) {
    return [
      `it was a ${was.query === undefined ? 'table' : 'view'} and becomes a ${is.query === undefined ? 'table' : 'view'}`,
    ]
  }
  // What columns a view has is what its query gives.
  if (is.query !== undefined) return []
  const partition = (table: ManifestTable) => table.partition?.column ?? null
  return [
    ...(partition(was) === partition(is)
      ? []
      : [`its partition changes from ${partition(was) ?? 'none'} to ${partition(is) ?? 'none'}`]),
    ...columnChanges(was.columns, is.columns, ''),
  ]
}

function columnChanges(
  was: readonly ManifestColumn[],
  is: readonly ManifestColumn[],
  prefix: string,
): readonly string[] {
  const before = new Map(was.map((column) => [column.name, column]))
  const after = new Map(is.map((column) => [column.name, column]))
  return [
    ...was
      .filter(({ name }) => !after.has(name))
      .map(({ name }) => `column ${prefix}${name} is no longer declared`),
    ...is.flatMap((column) => {
      const known = before.get(column.name)
      const name = `${prefix}${column.name}`
      if (known === undefined) {
        return column.mode === 'REQUIRED'
          ? [`column ${name} is added as required, which rows that are there lack`]
          : []
      }
      if (known.type !== column.type) return [`column ${name} changes from ${known.type} to ${column.type}`]
      const mode =
        known.mode === column.mode || (known.mode === 'REQUIRED' && column.mode === 'NULLABLE')
          ? []
          : [`column ${name} changes from ${known.mode} to ${column.mode}`]
      return [...mode, ...columnChanges(known.fields ?? [], column.fields ?? [], `${name}.`)]
    }),
  ]
}
