import { z } from 'zod'
import type { ModelMetadata } from '../../warehouse/warehouse.ts'
import { json, routes } from '../routes.ts'
import { int64, outputOnly, parseBody } from './body.ts'
import type { BigQueryContext } from './context.ts'
import { mergeLabels } from './dataset-routes.ts'
import { etagOf } from './job.ts'
import { notFound } from './problem.ts'
import { readCount } from './results.ts'

/** What a PATCH may change, besides what clients send back unchanged. */
const modelBody = z.strictObject({
  ...outputOnly,
  modelReference: z.unknown().optional(),
  modelType: z.unknown().optional(),
  creationTime: z.unknown().optional(),
  lastModifiedTime: z.unknown().optional(),
  location: z.unknown().optional(),
  trainingRuns: z.unknown().optional(),
  featureColumns: z.unknown().optional(),
  labelColumns: z.unknown().optional(),
  description: z.string().nullish(),
  friendlyName: z.string().nullish(),
  labels: z.record(z.string(), z.string().nullable()).nullish(),
  expirationTime: int64.nullish(),
})

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/models; models are made by CREATE MODEL. */
export function modelRoutes({ project, warehouse, clock }: BigQueryContext) {
  const get = async (dataset: string, name: string): Promise<ModelMetadata> => {
    const model = await warehouse.getModel(dataset, name)
    if (model === null) throw notFound(`Model ${project}:${dataset}.${name}`)
    return model
  }
  const location = async (dataset: string): Promise<string> =>
    (await warehouse.getDataset(dataset))?.location ?? 'US'
  return routes([
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/models',
      handle: async ({ query }, params) => {
        if ((await warehouse.getDataset(params.dataset)) === null)
          throw notFound(`Dataset ${project}:${params.dataset}`)
        const models = await warehouse.listModels(params.dataset)
        const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString()
        const rest = models.filter(({ model }) => model > after)
        const page = rest.slice(0, readCount(query, 'maxResults') ?? 1000)
        const last = page.at(-1)
        return json(200, {
          ...(page.length === 0 ? {} : { models: page.map((model) => modelSummary(model, project)) }),
          ...(last !== undefined && rest.length > page.length
            ? { nextPageToken: Buffer.from(last.model).toString('base64url') }
            : {}),
        })
      },
    },
    {
      method: 'GET',
      path: '/projects/{project}/datasets/{dataset}/models/{model}',
      handle: async (_, params) => {
        const model = await get(params.dataset, params.model)
        return json(200, modelResource(model, project, await location(params.dataset)))
      },
    },
    {
      method: 'PATCH',
      path: '/projects/{project}/datasets/{dataset}/models/{model}',
      handle: async (request, params) => {
        const current = await get(params.dataset, params.model)
        const { description, friendlyName, labels, expirationTime } = parseBody(modelBody, request)
        const changed = await warehouse.patchModel(
          params.dataset,
          params.model,
          {
            ...(description === undefined ? {} : { description }),
            ...(friendlyName === undefined ? {} : { friendlyName }),
            ...(labels === undefined ? {} : { labels: mergeLabels(current.labels, labels ?? {}) }),
            ...(expirationTime === undefined ? {} : { expiresAt: expirationTime }),
          },
          clock.now(),
        )
        return json(200, modelResource(changed, project, await location(params.dataset)))
      },
    },
    {
      method: 'DELETE',
      path: '/projects/{project}/datasets/{dataset}/models/{model}',
      handle: async (_, params) => {
        await get(params.dataset, params.model)
        await warehouse.deleteModel(params.dataset, params.model)
        return { status: 204 }
      },
    },
  ])
}

function modelSummary(model: ModelMetadata, project: string) {
  return {
    modelReference: { projectId: project, datasetId: model.dataset, modelId: model.model },
    modelType: 'LINEAR_REGRESSION',
    creationTime: String(model.createdAt),
    lastModifiedTime: String(model.modifiedAt),
    ...(Object.keys(model.labels).length === 0 ? {} : { labels: model.labels }),
  }
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/models#Model */
function modelResource(model: ModelMetadata, project: string, location: string) {
  const { training, evaluation, settings } = model
  const column = ({ name, type }: ModelMetadata['label']) => ({ name, type: standardType(type) })
  return {
    etag: etagOf(model),
    ...modelSummary(model, project),
    ...(model.description === undefined ? {} : { description: model.description }),
    ...(model.friendlyName === undefined ? {} : { friendlyName: model.friendlyName }),
    ...(model.expiresAt === undefined ? {} : { expirationTime: String(model.expiresAt) }),
    location,
    featureColumns: model.inputs.map(column),
    labelColumns: [column(model.label)],
    trainingRuns: [
      {
        trainingOptions: {
          lossType: 'MEAN_SQUARED_LOSS',
          inputLabelColumns: [model.label.name],
          dataSplitMethod: settings.split,
          dataSplitEvalFraction: settings.evalFraction,
          ...(settings.splitColumn === null ? {} : { dataSplitColumn: settings.splitColumn }),
          optimizationStrategy: 'NORMAL_EQUATION',
          l2Regularization: settings.l2,
          fitIntercept: settings.fitIntercept,
          categoryEncodingMethod: settings.encoding,
        },
        startTime: new Date(model.modifiedAt).toISOString(),
        results: [
          {
            index: 0,
            durationMs: '0',
            trainingLoss: training.loss,
            ...(training.evalLoss === null ? {} : { evalLoss: training.evalLoss }),
          },
        ],
        evaluationMetrics: {
          regressionMetrics: {
            meanAbsoluteError: evaluation.meanAbsoluteError,
            meanSquaredError: evaluation.meanSquaredError,
            meanSquaredLogError: evaluation.meanSquaredLogError,
            medianAbsoluteError: evaluation.medianAbsoluteError,
            rSquared: evaluation.r2Score,
          },
        },
      },
    ],
  }
}

/** The wire's form of a type; fields of structs are left out, as their names may hold any character. */
function standardType(type: string): Record<string, unknown> {
  const array = /^ARRAY<(.*)>$/s.exec(type)
  if (array) return { typeKind: 'ARRAY', arrayElementType: standardType(array[1]!) }
  return { typeKind: /^\w+/.exec(type)?.[0] ?? type }
}
