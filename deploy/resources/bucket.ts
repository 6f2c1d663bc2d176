import { isNotFound } from '../google-error.ts'
import { labelFacts, type Facts, type Resource } from '../resource.ts'
import type { Environment } from '../environment.ts'

/** Noncurrent versions are kept this long: enough to look at what a rerun replaced. */
const noncurrentDays = 30

/** The bucket of runs and staged objects. It is shared by all DAGs of an environment and carries no DAG's label. */
export function bucketResource(environment: Environment): Resource {
  const labels = { 'managed-by': 'dagwright' }
  const facts: Facts = { versioning: 'on', ...labelFacts(labels) }
  return {
    kind: 'bucket',
    name: environment.bucket,
    facts,
    async read(clients) {
      const bucket = (await clients.storage()).bucket(environment.bucket)
      try {
        const [metadata] = await bucket.getMetadata()
        const own = metadata.labels?.['managed-by']
        return {
          versioning: metadata.versioning?.enabled === true ? 'on' : 'off',
          ...(own === undefined || own === null ? {} : labelFacts({ 'managed-by': own })),
        }
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async create(clients) {
      await (
        await clients.storage()
      ).createBucket(environment.bucket, {
        location: environment.region,
        versioning: { enabled: true },
        labels,
        iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
        lifecycle: {
          rule: [
            {
              action: { type: 'Delete' },
              condition: { isLive: false, daysSinceNoncurrentTime: noncurrentDays },
            },
          ],
        },
      })
    },
    async update(clients) {
      await (
        await clients.storage()
      )
        .bucket(environment.bucket)
        .setMetadata({ versioning: { enabled: true }, labels })
    },
  }
}
