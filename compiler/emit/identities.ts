import type { Manifest } from '../../artifact/manifest.ts'
import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { mentionedModels } from '../graph/tables.ts'
import { hookSecrets, hooksOf, notifyJobId } from '../hook-secrets.ts'
import { jobId } from '../names.ts'

type Identity = Manifest['identities'][number]
type Role = Identity['roles'][number]

/** The least roles that a run needs. https://cloud.google.com/iam/docs/roles-permissions */
export function identitiesOf(definition: DagDefinition, tasks: readonly TaskDefinition[]): Identity[] {
  const steps = tasks.filter((task) => task.kind === 'step')
  const datasets = [...new Set(mentionedModels(tasks).map((model) => model.dataset))]
  const writers = datasets.map((id) => role('roles/bigquery.dataEditor', `dataset ${id}`, 'fill its tables'))
  const jobUser = role('roles/bigquery.jobUser', 'project', 'run BigQuery jobs')
  const buildsModels = tasks.some((task) => task.kind === 'model')
  const secretHooks = hookSecrets(definition)
  const topics = topicsOf(definition)
  const identities: Identity[] = [
    {
      name: 'workflow',
      roles: [
        role('roles/logging.logWriter', 'project', 'write the log of the run'),
        role('roles/storage.objectUser', 'bucket', 'read results, write the ledger and the lock'),
        role('roles/workflows.viewer', 'project', 'see whether the holder of a lock still runs'),
        ...steps.map((task) =>
          role(
            'roles/run.jobsExecutorWithOverrides',
            `job ${jobId(definition.id, task.id)}`,
            `start task ${task.id}`,
          ),
        ),
        ...(secretHooks.length > 0
          ? [role('roles/run.jobsExecutorWithOverrides', `job ${notifyJobId(definition.id)}`, 'tell hooks')]
          : []),
        ...(steps.length + secretHooks.length > 0
          ? [role('roles/run.viewer', 'project', 'wait for jobs')]
          : []),
        ...topics.map((topic) => role('roles/pubsub.publisher', `topic ${topic}`, 'tell hooks')),
        ...(buildsModels ? [jobUser, ...writers] : []),
        ...sensorRoles(tasks, buildsModels ? [] : [jobUser]),
        ...triggeredDags(tasks).map((id) =>
          role('roles/workflows.invoker', `workflow ${id}`, 'start its runs'),
        ),
        ...servicesOf(tasks).map((id) => role('roles/run.invoker', `service ${id}`, 'call it')),
      ],
    },
  ]
  if (steps.length + secretHooks.length > 0) {
    const ofSteps = steps.flatMap((task) => Object.values(task.contract.secrets))
    const secrets = [...new Set([...ofSteps, ...secretHooks])].toSorted()
    identities.push({
      name: 'steps',
      roles: [
        role('roles/storage.objectUser', 'bucket', 'read inputs, write results and staged data'),
        ...(datasets.length > 0 ? [jobUser, ...writers] : []),
        ...secrets.map((id) =>
          role('roles/secretmanager.secretAccessor', `secret ${id}`, 'read it at start'),
        ),
      ],
    })
  }
  if (definition.schedule) {
    identities.push({
      name: 'scheduler',
      roles: [role('roles/workflows.invoker', 'project', 'start scheduled runs')],
    })
  }
  return identities
}

function topicsOf(definition: DagDefinition): readonly string[] {
  const topics = hooksOf(definition).flatMap((hook) => (hook.kind === 'pubsub' ? [hook.topic] : []))
  return [...new Set(topics)].toSorted()
}

/** What sensors look at; `jobUser` is what looking at tables takes besides. */
function sensorRoles(tasks: readonly TaskDefinition[], jobUser: readonly Role[]): readonly Role[] {
  const conditions = tasks.flatMap((task) => (task.kind === 'sensor' ? [task.condition] : []))
  const buckets = conditions.flatMap((condition) => {
    if (condition.kind !== 'object' || condition.bucket === null) return []
    const known = condition.bucket.kind === 'literal' ? `bucket ${String(condition.bucket.value)}` : 'project'
    return [known]
  })
  const datasets = conditions.flatMap((condition) =>
    condition.kind === 'partition' ? [`dataset ${condition.dataset}`] : [],
  )
  return [
    ...[...new Set(buckets)].map((on) =>
      role('roles/storage.objectViewer', on, 'see whether objects are there'),
    ),
    ...(datasets.length > 0 ? jobUser : []),
    ...[...new Set(datasets)].map((on) =>
      role('roles/bigquery.metadataViewer', on, 'see whether partitions are there'),
    ),
  ]
}

function triggeredDags(tasks: readonly TaskDefinition[]): readonly string[] {
  return [...new Set(tasks.flatMap((task) => (task.kind === 'trigger' ? [task.dag] : [])))].toSorted()
}

/** Cloud Run services that the workflow itself calls. */
function servicesOf(tasks: readonly TaskDefinition[]): readonly string[] {
  const requests = tasks.flatMap((task) => {
    if (task.kind === 'http') return [task.request]
    return task.kind === 'sensor' && task.condition.kind === 'http' ? [task.condition.request] : []
  })
  const services = requests.flatMap(({ target }) => (target.kind === 'service' ? [target.service] : []))
  return [...new Set(services)].toSorted()
}

function role(name: string, on: string, why: string): Role {
  return { role: name, on, why }
}
