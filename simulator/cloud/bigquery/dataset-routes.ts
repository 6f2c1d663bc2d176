import { z } from 'zod'
import type { DatasetMetadata, DatasetPatch } from '../../warehouse/warehouse.ts'
import { json, routes } from '../routes.ts'
import { readFlag } from '../storage/preconditions.ts'
import { checkIfMatch, int64, outputOnly, parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { noteFields, type DatasetNotes } from './dataset-notes.ts'
import { etagOf } from './job.ts'
import { checkName, checkProject, datasetReference, normalLocation } from './names.ts'
import { invalid, notFound } from './problem.ts'
import { readCount } from './results.ts'

const datasetBody = z.strictObject({
  /** Node's client writes it beside the reference when it creates what it did not find. */
  projectId: z.unknown().optional(),
  ...outputOnly,
  ...noteFields,
  datasetReference: datasetReference.optional(),
  location: z.string().optional(),
  description: z.string().nullish(),
  labels: z.record(z.string(), z.string().nullable()).nullish(),
  defaultTableExpirationMs: int64.nullish(),
  defaultPartitionExpirationMs: int64.nullish(),
  creationTime: z.unknown().optional(),
  lastModifiedTime: z.unknown().optional(),
  type: z.unknown().optional(),
})

type DatasetBody = z.output<typeof datasetBody>

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets#Dataset: tables live an hour at least. */
const shortestExpirationMs = 3_600_000

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets */
export function datasetRoutes({ project, warehouse, clock }: BigQueryContext, notes: DatasetNotes) {
  const get = async (name: string): Promise<DatasetMetadata> => {
    const dataset = await warehouse.getDataset(name)
    if (dataset === null) throw notFound(`Dataset ${project}:${name}`)
    return dataset
  }
  const resource = (dataset: DatasetMetadata) =>
    json(200, { ...datasetResource(dataset, project), ...notes.of(dataset) })
  return routes([
    {
      method: 'POST',
      path: '/projects/{project}/datasets',
      handle: async (request) => {
        const body = parseBody(datasetBody, request)
        const reference = body.datasetReference
        if (reference === undefined) throw invalid('Required parameter is missing: datasetReference')
        checkProject(reference.projectId, project)
        checkName('dataset', reference.datasetId, 1024)
        checkExpirations(body)
        const now = clock.now()
        const created = await warehouse.createDataset({
          dataset: reference.datasetId,
          location: normalLocation(body.location ?? 'US'),
          labels: withoutNulls(body.labels ?? {}),
          ...(body.description == null ? {} : { description: body.description }),
          ...positive('defaultTableExpirationMs', body.defaultTableExpirationMs),
          ...positive('defaultPartitionExpirationMs', body.defaultPartitionExpirationMs),
          createdAt: now,
          modifiedAt: now,
        })
        notes.patch(created, body)
        return resource(created)
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/datasets',
      handle: async ({ query }) => {
        const datasets = (await warehouse.listDatasets()).filter((dataset) =>
          matchesLabels(dataset.labels, query.get('filter')),
        )
        const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString()
        const max = readCount(query, 'maxResults') ?? 1000
        const rest = datasets
          .toSorted((a, b) => (a.dataset < b.dataset ? -1 : 1))
          .filter(({ dataset }) => dataset > after)
        const page = rest.slice(0, max)
        const last = page.at(-1)
        return json(200, {
          kind: 'bigquery#datasetList',
          etag: etagOf(page),
          ...(last !== undefined && rest.length > max
            ? { nextPageToken: Buffer.from(last.dataset).toString('base64url') }
            : {}),
          datasets: page.map((dataset) => ({
            kind: 'bigquery#dataset',
            id: `${project}:${dataset.dataset}`,
            datasetReference: { projectId: project, datasetId: dataset.dataset },
            ...labelsOf(dataset.labels),
            location: dataset.location,
          })),
        })
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}',
      handle: async (_, params) => resource(await get(params.dataset)),
    },
    {
      method: 'PATCH',
      path: '/projects/{project}/datasets/{dataset}',
      handle: async (request, params) => {
        const dataset = await get(params.dataset)
        checkIfMatch(request, dataset)
        const body = parseBody(datasetBody, request)
        const changed = await warehouse.patchDataset(params.dataset, readPatch(body, dataset), clock.now())
        notes.patch(changed, body)
        return resource(changed)
      },
    },
    {
      method: 'PUT',
      path: '/projects/{project}/datasets/{dataset}',
      handle: async (request, params) => {
        const dataset = await get(params.dataset)
        checkIfMatch(request, dataset)
        const body = parseBody(datasetBody, request)
        const whole: DatasetBody = {
          description: null,
          defaultTableExpirationMs: null,
          defaultPartitionExpirationMs: null,
          ...body,
        }
        const patch = { ...readPatch(whole, dataset), labels: withoutNulls(body.labels ?? {}) }
        const changed = await warehouse.patchDataset(params.dataset, patch, clock.now())
        notes.patch(changed, { friendlyName: null, access: null, maxTimeTravelHours: null, ...body })
        return resource(changed)
      },
    },
    {
      method: 'DELETE',
      path: '/projects/{project}/datasets/{dataset}',
      handle: async ({ query }, params) => {
        await get(params.dataset)
        await warehouse.deleteDataset(params.dataset, readFlag(query, 'deleteContents'))
        return { status: 204 }
      },
    },
  ])
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets#resource:-dataset */
function datasetResource(dataset: DatasetMetadata, project: string) {
  const { description, defaultTableExpirationMs, defaultPartitionExpirationMs } = dataset
  return {
    kind: 'bigquery#dataset',
    etag: etagOf(dataset),
    id: `${project}:${dataset.dataset}`,
    selfLink: `https://bigquery.googleapis.com/bigquery/v2/projects/${project}/datasets/${dataset.dataset}`,
    datasetReference: { projectId: project, datasetId: dataset.dataset },
    ...(description === undefined ? {} : { description }),
    ...labelsOf(dataset.labels),
    ...(defaultTableExpirationMs === undefined
      ? {}
      : { defaultTableExpirationMs: String(defaultTableExpirationMs) }),
    ...(defaultPartitionExpirationMs === undefined
      ? {}
      : { defaultPartitionExpirationMs: String(defaultPartitionExpirationMs) }),
    creationTime: String(dataset.createdAt),
    lastModifiedTime: String(dataset.modifiedAt),
    location: dataset.location,
    type: 'DEFAULT',
  }
}

function readPatch(body: DatasetBody, current: DatasetMetadata): DatasetPatch {
  checkExpirations(body)
  if (body.location !== undefined && body.location.toLowerCase() !== current.location.toLowerCase())
    throw invalid('The location of a dataset cannot be changed')
  return {
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.labels === undefined ? {} : { labels: mergeLabels(current.labels, body.labels) }),
    // 0 clears an expiration, as null does.
    ...(body.defaultTableExpirationMs === undefined
      ? {}
      : { defaultTableExpirationMs: body.defaultTableExpirationMs || null }),
    ...(body.defaultPartitionExpirationMs === undefined
      ? {}
      : { defaultPartitionExpirationMs: body.defaultPartitionExpirationMs || null }),
  }
}

function checkExpirations(body: DatasetBody): void {
  for (const name of ['defaultTableExpirationMs', 'defaultPartitionExpirationMs'] as const) {
    const value = body[name]
    const shortest = name === 'defaultTableExpirationMs' ? shortestExpirationMs : 1
    if (value != null && value !== 0 && value < shortest)
      throw invalid(`Invalid value for ${name}: ${value}; the least is ${shortest}`)
  }
}

function positive<Name extends string>(name: Name, value: number | null | undefined) {
  return (value == null || value === 0 ? {} : { [name]: value }) as { [K in Name]?: number }
}

type Labels = Readonly<Record<string, string>>

/** PATCH of labels: null removes one, or all. */
export function mergeLabels(current: Labels, patch: Readonly<Record<string, string | null>> | null): Labels {
  return patch === null ? {} : withoutNulls({ ...current, ...patch })
}

export function withoutNulls(labels: Readonly<Record<string, string | null>>): Labels {
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

export function labelsOf(labels: Labels): { readonly labels?: Labels } {
  return Object.keys(labels).length === 0 ? {} : { labels }
}

/** `labels.key:value` and `labels.key`, several of them joined by a space. */
function matchesLabels(labels: Labels, filter: string | null): boolean {
  const terms = (filter ?? '').split(/\s+/).filter((term) => term !== '')
  return terms.every((term) => {
    const match = /^labels\.([^:]+)(?::(.*))?$/.exec(term)
    if (match === null) throw invalid(`Invalid filter: ${term}`)
    const value = labels[match[1]!]
    return value !== undefined && (match[2] === undefined || value === match[2])
  })
}
