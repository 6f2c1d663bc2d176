import type { Database } from '../engine/database.ts'
import type { StoredModel } from '../ml/model.ts'
import { type ModelMetadata, type Warehouse, WarehouseError } from '../warehouse.ts'
import { patched, requireDataset } from './missing.ts'

type Methods = Pick<Warehouse, 'getModel' | 'listModels' | 'patchModel' | 'deleteModel'>

export function modelMethods(database: Database, project: string): Methods {
  const { catalog } = database
  const required = (dataset: string, model: string): StoredModel => {
    const found = catalog.model(dataset, model)
    if (found) return found
    throw new WarehouseError({
      reason: 'notFound',
      message: `Not found: Model ${project}:${dataset}.${model}`,
    })
  }
  return {
    async getModel(dataset, model) {
      const found = catalog.model(dataset, model)
      return found ? publicModel(found) : null
    },
    async listModels(dataset) {
      requireDataset(database, project, dataset)
      return catalog.models(dataset).map(publicModel)
    },
    async patchModel(dataset, model, patch, now) {
      return database.write(async (_connection, changes) => {
        const keys = ['description', 'friendlyName', 'labels', 'expiresAt']
        const merged: StoredModel = { ...patched(required(dataset, model), patch, keys), modifiedAt: now }
        const changed = { ...merged, labels: merged.labels ?? {} }
        changes.push({ kind: 'putModel', model: changed })
        return publicModel(changed)
      })
    },
    async deleteModel(dataset, model) {
      await database.write(async (_connection, changes) => {
        required(dataset, model)
        changes.push({ kind: 'dropModel', dataset, model })
      })
    },
  }
}

/** The metadata without weights and statistics. */
function publicModel(model: StoredModel): ModelMetadata {
  const { terms: _terms, intercept: _intercept, statistics: _statistics, transform: _list, ...rest } = model
  return rest
}
