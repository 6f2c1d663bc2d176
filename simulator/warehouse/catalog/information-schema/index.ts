import type { Context } from '../../analyze/context.ts'
import { jobViews } from './jobs.ts'
import { keyViews } from './keys.ts'
import { partitionsView } from './partitions.ts'
import { routineViews } from './routines.ts'
import { metaTablesView, storageView } from './storage.ts'
import { tableViews } from './tables.ts'
import { type Asked, rowsView, type SchemaView } from './view.ts'

const rowViews = { ...tableViews, ...routineViews, ...jobViews, ...keyViews }

/** A view of INFORMATION_SCHEMA for a dataset, a region or the whole project; null where the local warehouse lacks it. */
export function informationSchema(
  name: string,
  scope: { readonly dataset: string } | { readonly region: string } | null,
  context: Context,
): SchemaView | null {
  const asked = askedOf(scope, context)
  if (name === 'PARTITIONS') return partitionsView(asked.tables, context.project, context.now)
  if (name === 'TABLE_STORAGE' || name === 'TABLE_STORAGE_BY_PROJECT') return storageView(asked)
  if (!Object.hasOwn(rowViews, name)) return null
  if (Object.hasOwn(jobViews, name) && !context.jobs) return null
  return rowsView(rowViews[name]!, asked)
}

/** `dataset.__TABLES__` */
export function datasetTables(dataset: string, context: Context): SchemaView {
  return metaTablesView(askedOf({ dataset }, context))
}

function askedOf(
  scope: { readonly dataset: string } | { readonly region: string } | null,
  context: Context,
): Asked {
  const region = scope && 'region' in scope ? scope.region.toUpperCase() : null
  const datasets =
    scope && 'dataset' in scope
      ? [scope.dataset]
      : context.catalog
          .datasets()
          .filter(({ location }) => region === null || location.toUpperCase() === region)
          .map(({ dataset }) => dataset)
  return { context, datasets, region, tables: datasets.flatMap((name) => context.catalog.tables(name)) }
}
