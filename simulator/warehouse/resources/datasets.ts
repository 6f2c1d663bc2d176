import { physicalSchema } from '../catalog/physical.ts'
import { type Database, execute } from '../engine/database.ts'
import { type DatasetMetadata, type Warehouse, WarehouseError } from '../warehouse.ts'
import { duplicate, invalidRequest, patched, requireDataset } from './missing.ts'

type Methods = Pick<
  Warehouse,
  'createDataset' | 'getDataset' | 'listDatasets' | 'patchDataset' | 'deleteDataset'
>

export function datasetMethods(database: Database, project: string): Methods {
  const { catalog } = database
  return {
    async createDataset(dataset) {
      if (!/^[A-Za-z_0-9]{1,1024}$/.test(dataset.dataset))
        throw invalidRequest(`Invalid dataset ID "${dataset.dataset}"`)
      return database.write(async (connection, changes) => {
        if (catalog.dataset(dataset.dataset)) throw duplicate(`Dataset ${project}:${dataset.dataset}`)
        await execute(connection, `CREATE SCHEMA ${physicalSchema(dataset.dataset)}`)
        changes.push({ kind: 'putDataset', dataset })
        return dataset
      })
    },
    getDataset: async (name) => catalog.dataset(name) ?? null,
    listDatasets: async () => catalog.datasets(),
    async patchDataset(name, patch, now) {
      return database.write(async (_connection, changes) => {
        const current = requireDataset(database, project, name)
        const keys = ['description', 'labels', 'defaultTableExpirationMs', 'defaultPartitionExpirationMs']
        const merged: DatasetMetadata = { ...patched(current, patch, keys), modifiedAt: now }
        const dataset = { ...merged, labels: merged.labels ?? {} }
        changes.push({ kind: 'putDataset', dataset })
        return dataset
      })
    },
    async deleteDataset(name, deleteContents) {
      await database.write(async (connection, changes) => {
        requireDataset(database, project, name)
        const empty = catalog.tables(name).length === 0 && catalog.models(name).length === 0
        if (!deleteContents && !empty)
          throw new WarehouseError({
            reason: 'resourceInUse',
            message: `Dataset ${project}:${name} is still in use`,
          })
        await execute(connection, `DROP SCHEMA ${physicalSchema(name)} CASCADE`)
        changes.push({ kind: 'dropDataset', dataset: name })
      })
    },
  }
}
