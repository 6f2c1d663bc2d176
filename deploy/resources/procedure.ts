import type { ManifestRoutine } from '../../artifact/manifest.ts'
import type { Environment } from '../environment.ts'
import { isNotFound } from '../google-error.ts'
import type { Resource } from '../resource.ts'

/** The stored procedure that builds one model. Its name carries a hash of its content, so one that exists is right. */
export function procedureResource(routine: ManifestRoutine, sql: string, environment: Environment): Resource {
  const facts = { builds: routine.model }
  return {
    kind: 'procedure',
    name: `${routine.dataset}.${routine.routine}`,
    facts,
    async read(clients) {
      const procedure = (await clients.bigquery()).dataset(routine.dataset).routine(routine.routine)
      try {
        await procedure.getMetadata()
        return facts
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async create(clients) {
      await (
        await clients.bigquery()
      ).query({ query: sql, location: environment.datasetLocation, useLegacySql: false })
    },
    update: () => Promise.resolve(),
  }
}
