import type { TableField, TableMetadata } from '@google-cloud/bigquery'
import type { ManifestColumn, ManifestTable } from '../../artifact/manifest.ts'
import { isNotFound } from '../google-error.ts'
import { labelsAmong, ownLabels } from '../labels.ts'
import { labelFacts, present, type FactChange, type Facts, type Resource } from '../resource.ts'

const dayMs = 86_400_000

/** A table with schema, day partition, expiration, clustering. */
export function tableResource(dag: string, table: ManifestTable): Resource {
  const name = `${table.dataset}.${table.table}`
  const labels = { ...table.labels, ...ownLabels(dag), layer: table.layer }
  const metadata = metadataOf(table, labels)
  return {
    kind: 'table',
    name,
    facts: factsOf(metadata, labels),
    async read(clients) {
      try {
        const [actual] = await (
          await clients.bigquery()
        )
          .dataset(table.dataset)
          .table(table.table)
          .getMetadata()
        return factsOf(actual, labels)
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async create(clients) {
      await (await clients.bigquery()).dataset(table.dataset).createTable(table.table, metadata)
    },
    async update(clients) {
      await (
        await clients.bigquery()
      )
        .dataset(table.dataset)
        .table(table.table)
        .setMetadata(patchOf(metadata))
    },
    refuse: (change) => refuse(name, change),
  }
}

function metadataOf(table: ManifestTable, labels: Record<string, string>): TableMetadata {
  const { partition } = table
  // What columns a view has is what its query gives.
  if (table.query !== undefined) {
    return { description: table.description, labels, view: { query: table.query, useLegacySql: false } }
  }
  return {
    description: table.description,
    labels,
    schema: { fields: table.columns.map(fieldOf) },
    ...(partition === null
      ? {}
      : {
          timePartitioning: {
            type: 'DAY',
            field: partition.column,
            ...(partition.expirationDays === null
              ? {}
              : { expirationMs: String(partition.expirationDays * dayMs) }),
          },
        }),
    ...(table.clusterBy.length === 0 ? {} : { clustering: { fields: table.clusterBy } }),
    ...(table.requirePartitionFilter && { requirePartitionFilter: true }),
  }
}

/** A patch leaves alone what it does not name, so what should go is named with null. */
function patchOf({ timePartitioning, clustering, ...rest }: TableMetadata): Record<string, unknown> {
  if ('view' in rest) return rest
  const partitioning = timePartitioning && { expirationMs: null, ...timePartitioning }
  return { ...rest, clustering: clustering ?? null, ...(partitioning && { timePartitioning: partitioning }) }
}

function fieldOf(column: ManifestColumn): TableField {
  return {
    name: column.name,
    type: column.type,
    mode: column.mode,
    description: column.description,
    ...(column.fields === undefined ? {} : { fields: column.fields.map(fieldOf) }),
  }
}

function factsOf(metadata: TableMetadata, labels: Readonly<Record<string, string>>): Facts {
  const partition = metadata.timePartitioning
  const schema =
    typeof metadata.schema === 'object' && 'fields' in metadata.schema ? metadata.schema.fields : []
  return present({
    description: metadata.description,
    partition: partition === undefined ? undefined : `${partition.type} of ${partition.field}`,
    'partition expiration':
      partition?.expirationMs === undefined ? undefined : daysOf(partition.expirationMs),
    clustering: metadata.clustering?.fields?.join(', '),
    'partition filter': metadata.requirePartitionFilter ? 'required' : undefined,
    ...(metadata.view
      ? { query: typeof metadata.view === 'string' ? metadata.view : metadata.view.query }
      : columnFacts(schema ?? [], '')),
    ...labelFacts(labelsAmong(metadata.labels, labels)),
  })
}

function columnFacts(fields: readonly TableField[], prefix: string): Record<string, string | undefined> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const name = `${prefix}${field.name}`
      return [
        [`column ${name}`, `${standardType(field.type)} ${field.mode ?? 'NULLABLE'}`],
        [`description of ${name}`, field.description],
        ...Object.entries(columnFacts(field.fields ?? [], `${name}.`)),
      ]
    }),
  )
}

/** The API answers in legacy SQL's names. https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema */
const standardTypes: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
}

function standardType(type: string | undefined): string {
  return standardTypes[type ?? ''] ?? type ?? ''
}

function daysOf(milliseconds: string): string {
  return `${Number(milliseconds) / dayMs} days`
}

/** https://cloud.google.com/bigquery/docs/managing-table-schemas */
function refuse(table: string, { fact, from, to }: FactChange): string | undefined {
  const wayOut = `copy ${table} to another name, delete it and deploy again`
  if (fact === 'partition')
    return `the partition of a table cannot change (${from ?? 'none'} -> ${to ?? 'none'}); ${wayOut}`
  if (!fact.startsWith('column ')) return undefined
  if (to === null) return `${fact} exists but is no longer declared; declare it again, or ${wayOut}`
  if (from === null)
    return to.endsWith(' REQUIRED')
      ? `a required ${fact} cannot be added; make it nullable, or ${wayOut}`
      : undefined
  if (from.replace(' REQUIRED', ' NULLABLE') === to) return undefined
  return `${fact} cannot change from ${from} to ${to}; ${wayOut}`
}
