import { z } from 'zod'
import {
  isLongTerm,
  type TableMetadata,
  type TableName,
  type TablePatch,
  type TableSize,
} from '../../warehouse/warehouse.ts'
import { json, routes } from '../routes.ts'
import { checkIfMatch, int64, outputOnly, parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { readConstraints, readConstraintsPatch, tableConstraints, wireConstraints } from './constraints.ts'
import { labelsOf, mergeLabels, withoutNulls } from './dataset-routes.ts'
import { fromWireSchema, toWireSchema, wireSchema } from './fields.ts'
import { etagOf } from './job.ts'
import { clustering, rangePartitioning, timePartitioning } from './job-config.ts'
import { readTable, splitTable, tableReference, wireTable } from './names.ts'
import { readPartitioning, readRange, wirePartitioning, wireRange } from './partitioning.ts'
import { invalid, notFound } from './problem.ts'
import { readCount } from './results.ts'

const tableBody = z.strictObject({
  ...outputOnly,
  tableReference: tableReference.optional(),
  schema: wireSchema.nullish(),
  timePartitioning: timePartitioning.nullish(),
  requirePartitionFilter: z.boolean().nullish(),
  clustering: clustering.nullish(),
  description: z.string().nullish(),
  friendlyName: z.string().nullish(),
  tableConstraints: tableConstraints.nullish(),
  labels: z.record(z.string(), z.string().nullable()).nullish(),
  expirationTime: int64.nullish(),
  view: z
    .strictObject({
      query: z.string(),
      useLegacySql: z.boolean().nullish(),
      userDefinedFunctionResources: z.array(z.unknown()).max(0).optional(),
    })
    .nullish(),
  type: z.unknown().optional(),
  location: z.unknown().optional(),
  creationTime: z.unknown().optional(),
  lastModifiedTime: z.unknown().optional(),
  numBytes: z.unknown().optional(),
  numLongTermBytes: z.unknown().optional(),
  numRows: z.unknown().optional(),
  numPartitions: z.unknown().optional(),
  numActiveLogicalBytes: z.unknown().optional(),
  numLongTermLogicalBytes: z.unknown().optional(),
  numTotalLogicalBytes: z.unknown().optional(),
  rangePartitioning: rangePartitioning.nullish(),
})

type TableBody = z.output<typeof tableBody>

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables */
export function tableRoutes({ project, warehouse, clock, quotas }: BigQueryContext) {
  const get = async (name: TableName) => {
    const table = await warehouse.getTable(name, clock.now())
    if (table === null) throw notFound(`Table ${project}:${name.dataset}.${name.table}`)
    return table
  }
  const resource = async (name: TableName) => {
    const [table, dataset] = await Promise.all([get(name), warehouse.getDataset(name.dataset)])
    return json(200, tableResource(table, project, dataset?.location ?? 'US', clock.now()))
  }
  const change = async (name: TableName, patch: TablePatch) => {
    await warehouse.patchTable(name, patch, clock.now())
    quotas.note('metadata', name)
    return resource(name)
  }
  return routes([
    {
      method: 'POST',
      path: '/projects/{project}/datasets/{dataset}/tables',
      handle: async (request, params) => {
        const body = parseBody(tableBody, request)
        if (body.tableReference === undefined) throw invalid('Required parameter is missing: tableReference')
        const name = readTable(body.tableReference, project)
        if (name.dataset !== params.dataset)
          throw invalid('The dataset of tableReference is not that of the request')
        await requireDataset(params.dataset)
        await warehouse.createTable(newTable(name, body, project, clock.now()))
        return resource(name)
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/tables',
      handle: async ({ query }, params) => {
        await requireDataset(params.dataset)
        const tables = (await warehouse.listTables(params.dataset, clock.now())).toSorted((a, b) =>
          a.table < b.table ? -1 : 1,
        )
        const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString()
        const max = readCount(query, 'maxResults') ?? 1000
        const rest = tables.filter(({ table }) => table > after)
        const page = rest.slice(0, max)
        const last = page.at(-1)
        return json(200, {
          kind: 'bigquery#tableList',
          etag: etagOf(page),
          ...(last !== undefined && rest.length > max
            ? { nextPageToken: Buffer.from(last.table).toString('base64url') }
            : {}),
          ...(page.length === 0 ? {} : { tables: page.map((table) => listEntry(table, project)) }),
          totalItems: tables.length,
        })
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/tables/{table}',
      handle: (_, params) => resource(splitTable(params)),
    },
    {
      method: 'PATCH',
      path: '/projects/{project}/datasets/{dataset}/tables/{table}',
      handle: async (request, params) => {
        const current = await get(params)
        checkIfMatch(request, current)
        return change(params, readPatch(parseBody(tableBody, request), project, current))
      },
    },
    {
      method: 'PUT',
      path: '/projects/{project}/datasets/{dataset}/tables/{table}',
      handle: async (request, params) => {
        const current = await get(params)
        checkIfMatch(request, current)
        const body = parseBody(tableBody, request)
        const whole = {
          description: null,
          friendlyName: null,
          tableConstraints: null,
          expirationTime: null,
          requirePartitionFilter: null,
          ...body,
        }
        return change(params, {
          ...readPatch(whole, project, current),
          labels: withoutNulls(body.labels ?? {}),
        })
      },
    },
    {
      method: 'DELETE',
      path: '/projects/{project}/datasets/{dataset}/tables/{table}',
      handle: async (_, params) => {
        const { partition, ...name } = splitTable(params)
        await get(name)
        if (partition === undefined) await warehouse.deleteTable(name)
        else await warehouse.deletePartition(name, partition, clock.now())
        return { status: 204 }
      },
    },
  ])

  async function requireDataset(name: string): Promise<void> {
    if ((await warehouse.getDataset(name)) === null) throw notFound(`Dataset ${project}:${name}`)
  }
}

function newTable(name: TableName, body: TableBody, project: string, now: number): TableMetadata {
  const filter = body.requirePartitionFilter ?? body.timePartitioning?.requirePartitionFilter
  return {
    ...name,
    kind: body.view == null ? 'TABLE' : 'VIEW',
    schema: fromWireSchema(body.schema ?? {}),
    labels: withoutNulls(body.labels ?? {}),
    ...(body.timePartitioning == null ? {} : { partitioning: readPartitioning(body.timePartitioning) }),
    ...(body.rangePartitioning == null ? {} : { rangePartitioning: readRange(body.rangePartitioning) }),
    ...(filter == null ? {} : { requirePartitionFilter: filter }),
    ...(body.clustering?.fields === undefined ? {} : { clustering: body.clustering.fields }),
    ...(body.description == null ? {} : { description: body.description }),
    ...(body.friendlyName == null ? {} : { friendlyName: body.friendlyName }),
    ...(body.tableConstraints == null ? {} : readConstraints(body.tableConstraints, project, name)),
    ...(body.expirationTime == null ? {} : { expiresAt: body.expirationTime }),
    ...(body.view == null ? {} : { viewQuery: readView(body.view) }),
    createdAt: now,
    modifiedAt: now,
  }
}

function readPatch(body: TableBody, project: string, current: TableMetadata): TablePatch {
  const { schema, timePartitioning: partitioning, requirePartitionFilter: filter, expirationTime } = body
  return {
    ...(schema == null ? {} : { schema: fromWireSchema(schema) }),
    ...(partitioning === undefined
      ? {}
      : { partitioning: partitioning === null ? null : readPartitioning(partitioning) }),
    ...(filter === undefined ? {} : { requirePartitionFilter: filter }),
    ...(body.clustering === undefined ? {} : { clustering: body.clustering?.fields ?? null }),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.friendlyName === undefined ? {} : { friendlyName: body.friendlyName }),
    ...(body.tableConstraints === undefined
      ? {}
      : readConstraintsPatch(body.tableConstraints ?? {}, project, current)),
    ...(body.labels === undefined ? {} : { labels: mergeLabels(current.labels, body.labels) }),
    ...(expirationTime === undefined ? {} : { expiresAt: expirationTime || null }),
    ...(body.view == null ? {} : { viewQuery: readView(body.view) }),
  }
}

/** As for queries, the API takes a view's SQL as legacy SQL unless told otherwise. */
function readView(view: NonNullable<TableBody['view']>): string {
  if (view.useLegacySql !== false)
    throw invalid('Legacy SQL is unsupported in the local warehouse; set view.useLegacySql to false.')
  return view.query
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#resource:-table */
function tableResource(table: TableMetadata & TableSize, project: string, location: string, now: number) {
  const { description, friendlyName, requirePartitionFilter, viewQuery, numBytes, numPartitions } = table
  const old = isLongTerm(table, now) ? numBytes : 0
  return {
    kind: 'bigquery#table',
    etag: etagOf(table),
    id: `${project}:${table.dataset}.${table.table}`,
    selfLink: `https://bigquery.googleapis.com/bigquery/v2/projects/${project}/datasets/${table.dataset}/tables/${table.table}`,
    tableReference: wireTable(table, project),
    ...(description === undefined ? {} : { description }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...wireConstraints(table, project),
    ...labelsOf(table.labels),
    schema: toWireSchema(table.schema),
    ...storageOf(table),
    ...(requirePartitionFilter === undefined ? {} : { requirePartitionFilter }),
    numBytes: String(numBytes),
    numLongTermBytes: String(old),
    numActiveLogicalBytes: String(numBytes - old),
    numLongTermLogicalBytes: String(old),
    numTotalLogicalBytes: String(numBytes),
    numRows: String(table.numRows),
    ...(numPartitions === undefined ? {} : { numPartitions: String(numPartitions) }),
    creationTime: String(table.createdAt),
    lastModifiedTime: String(table.modifiedAt),
    ...(viewQuery === undefined ? {} : { view: { query: viewQuery, useLegacySql: false } }),
    location,
  }
}

function listEntry(table: TableMetadata, project: string) {
  return {
    kind: 'bigquery#table',
    id: `${project}:${table.dataset}.${table.table}`,
    tableReference: wireTable(table, project),
    ...(table.friendlyName === undefined ? {} : { friendlyName: table.friendlyName }),
    ...labelsOf(table.labels),
    ...storageOf(table),
    creationTime: String(table.createdAt),
    ...(table.viewQuery === undefined ? {} : { view: { useLegacySql: false } }),
  }
}

function storageOf(table: TableMetadata) {
  return {
    type: table.kind,
    ...(table.partitioning === undefined ? {} : { timePartitioning: wirePartitioning(table.partitioning) }),
    ...(table.rangePartitioning === undefined
      ? {}
      : { rangePartitioning: wireRange(table.rangePartitioning) }),
    ...(table.clustering === undefined || table.clustering.length === 0
      ? {}
      : { clustering: { fields: table.clustering } }),
    ...(table.expiresAt === undefined ? {} : { expirationTime: String(table.expiresAt) }),
  }
}
