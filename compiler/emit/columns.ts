import type { ManifestColumn } from '../../artifact/manifest.ts'
import type { Column, Model } from '../../dsl/index.ts'

/** Columns of a model in declared order. */
export function columnsOf(model: Model): ManifestColumn[] {
  return model.columns.map((column) => columnOf(column.name, column))
}

function columnOf(name: string, column: Column): ManifestColumn {
  return {
    name,
    type: column.type,
    mode: column.mode ?? 'NULLABLE',
    description: column.description,
    ...(column.fields && {
      fields: Object.entries(column.fields).map(([key, inner]) => columnOf(key, inner)),
    }),
  }
}
