import type { Manifest } from '../../artifact/manifest.ts'
import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { mentionedModels } from '../graph/tables.ts'
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
        ...(steps.length > 0 ? [role('roles/run.viewer', 'project', 'wait for jobs')] : []),
        ...(buildsModels ? [jobUser, ...writers] : []),
      ],
    },
  ]
  if (steps.length > 0) {
    const secrets = [...new Set(steps.flatMap((task) => Object.values(task.contract.secrets)))].toSorted()
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

function role(name: string, on: string, why: string): Role {
  return { role: name, on, why }
}
