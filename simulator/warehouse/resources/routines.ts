import type { Database } from '../engine/database.ts'
import { type Warehouse, WarehouseError } from '../warehouse.ts'
import { requireDataset } from './missing.ts'

type Methods = Pick<Warehouse, 'getRoutine' | 'listRoutines' | 'deleteRoutine'>

export function routineMethods(database: Database, project: string): Methods {
  const { catalog } = database
  return {
    getRoutine: async (dataset, routine) => catalog.routine(dataset, routine) ?? null,
    async listRoutines(dataset) {
      requireDataset(database, project, dataset)
      return catalog.routines(dataset)
    },
    async deleteRoutine(dataset, routine) {
      await database.write(async (_connection, changes) => {
        if (!catalog.routine(dataset, routine))
          throw new WarehouseError({
            reason: 'notFound',
            message: `Not found: Routine ${project}:${dataset}.${routine}`,
          })
        changes.push({ kind: 'dropRoutine', dataset, routine })
      })
    },
  }
}
