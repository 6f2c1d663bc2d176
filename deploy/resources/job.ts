import type { protos } from '@google-cloud/run'
import type { ManifestJob } from '../../artifact/manifest.ts'
import type { Environment } from '../environment.ts'
import { isNotFound } from '../google-error.ts'
import { labelsAmong, ownLabels } from '../labels.ts'
import { labelFacts, present, type Facts, type Resource } from '../resource.ts'
import { UserError } from '../user-error.ts'

type Job = protos.google.cloud.run.v2.IJob
type EnvVar = protos.google.cloud.run.v2.IEnvVar

/** The Cloud Run job of one step task. `maxRetries` is 0: the DAG owns retries. */
export function jobResource(dag: string, job: ManifestJob, environment: Environment): Resource {
  const labels = { ...ownLabels(dag), task: job.task }
  const account = environment.serviceAccounts.steps
  const desired = jobOf(job, labels, environment)
  const parent = `projects/${environment.project}/locations/${environment.region}`
  const name = `${parent}/jobs/${job.id}`
  return {
    kind: 'job',
    name: job.id,
    facts: factsOf(desired, labels, account),
    async read(clients) {
      try {
        const [actual] = await (await clients.jobs()).getJob({ name })
        return factsOf(actual, labels, account)
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async create(clients) {
      const [operation] = await (await clients.jobs()).createJob({ parent, jobId: job.id, job: desired })
      await operation.promise()
    },
    async update(clients) {
      const [operation] = await (await clients.jobs()).updateJob({ job: { ...desired, name } })
      await operation.promise()
    },
  }
}

function jobOf(job: ManifestJob, labels: Record<string, string>, environment: Environment): Job {
  const image = environment.images[job.image]
  if (image === undefined) {
    throw new UserError(
      'DAG804',
      `environment ${environment.name} has no image called ${job.image}, which task ${job.task} runs`,
      {
        place: `dag.config.ts: ${environment.emulator === null ? `environments.${environment.name}.` : ''}images`,
        hint:
          environment.emulator === null
            ? `add the image's path in the registry: ${job.image}: 'REGION-docker.pkg.dev/PROJECT/REPOSITORY/${job.image}:TAG'`
            : `add the command that stands for it on this machine: ${job.image}: { command: ['node', 'steps.mjs'] }`,
      },
    )
  }
  const plain = job.env.flatMap((name) => {
    const value = environment.env[name]
    return value === undefined ? [] : [{ name, value }]
  })
  const secret = Object.entries(job.secrets).map(([variable, id]) => ({
    name: variable,
    valueSource: { secretKeyRef: { secret: id, version: 'latest' } },
  }))
  const account = environment.serviceAccounts.steps
  return {
    labels,
    template: {
      labels,
      taskCount: 1,
      template: {
        maxRetries: 0,
        timeout: { seconds: job.timeoutSeconds },
        ...(account === undefined ? {} : { serviceAccount: account }),
        containers: [
          {
            image,
            args: job.args,
            env: [...plain, ...secret],
            resources: { limits: { cpu: job.cpu, memory: job.memory } },
          },
        ],
      },
    },
  }
}

function factsOf(job: Job, labels: Readonly<Record<string, string>>, account: string | undefined): Facts {
  const task = job.template?.template
  const container = task?.containers?.[0]
  const limits = container?.resources?.limits
  const env = (container?.env ?? []).map((variable) => [`env ${variable.name}`, valueOf(variable)] as const)
  return present({
    image: container?.image ?? undefined,
    args: container?.args?.join(' '),
    timeout: task?.timeout?.seconds === undefined ? undefined : `${String(task.timeout?.seconds)} s`,
    cpu: limits?.['cpu'],
    memory: limits?.['memory'],
    'max retries':
      task?.maxRetries === undefined || task.maxRetries === null ? undefined : String(task.maxRetries),
    // The service answers with its default account where none was asked for.
    'service account': account === undefined ? undefined : (task?.serviceAccount ?? undefined),
    ...Object.fromEntries(env),
    ...labelFacts(labelsAmong(job.labels, labels)),
  })
}

function valueOf(variable: EnvVar): string {
  const secret = variable.valueSource?.secretKeyRef
  return secret ? `secret ${secret.secret}, version ${secret.version}` : (variable.value ?? '')
}
