import type { protos } from '@google-cloud/workflows'
import type { Environment } from '../environment.ts'
import { isNotFound } from '../google-error.ts'
import { contentHash, labelsAmong, ownLabels } from '../labels.ts'
import type { Compiled } from '../compiled.ts'
import { labelFacts, present, type FactChange, type Facts, type Resource } from '../resource.ts'
import { UserError } from '../user-error.ts'

type Workflow = protos.google.cloud.workflows.v1.IWorkflow

/** Full name of a DAG's workflow. */
export function workflowName(environment: Environment, id: string): string {
  return `projects/${environment.project}/locations/${environment.region}/workflows/${id}`
}

/** The workflow itself: source, environment values, detailed history, calls logged when they fail. */
export function workflowResource({ manifest, source }: Compiled, environment: Environment): Resource {
  const labels = { ...ownLabels(manifest.dag), content: contentHash(source) }
  const name = workflowName(environment, manifest.workflow.id)
  const account = environment.serviceAccounts.workflow
  const desired: Workflow = {
    description: manifest.description,
    labels,
    sourceContents: source,
    userEnvVars: userEnvVars(manifest.workflow.env, environment),
    callLogLevel: 'LOG_ERRORS_ONLY',
    executionHistoryLevel: 'EXECUTION_HISTORY_DETAILED',
    ...(account === undefined ? {} : { serviceAccount: account }),
  }
  return {
    kind: 'workflow',
    name: manifest.workflow.id,
    facts: factsOf(desired, labels, account),
    async read(clients) {
      try {
        const [actual] = await (await clients.workflows()).getWorkflow({ name })
        return factsOf(actual, labels, account)
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async create(clients) {
      const [operation] = await (
        await clients.workflows()
      ).createWorkflow({
        parent: `projects/${environment.project}/locations/${environment.region}`,
        workflowId: manifest.workflow.id,
        workflow: desired,
      })
      await operation.promise()
    },
    async update(clients, changes) {
      const [operation] = await (
        await clients.workflows()
      ).updateWorkflow({ workflow: { ...desired, name }, updateMask: { paths: pathsOf(changes) } })
      await operation.promise()
    },
  }
}

/** What the compiled source reads with `sys.get_env`; docs/architecture.md, "Environment of a workflow". */
function userEnvVars(names: readonly string[], environment: Environment): Record<string, string> {
  const known: Readonly<Record<string, string>> = {
    DAG_BUCKET: environment.bucket,
    DAG_DATASET_LOCATION: environment.datasetLocation,
    ...environment.env,
  }
  return Object.fromEntries(
    names.map((name) => {
      const value = known[name]
      if (value !== undefined) return [name, value]
      throw new UserError(
        'DAG804',
        `environment ${environment.name} gives no value for ${name}, which the workflow reads`,
        {
          place: 'dag.config.ts',
          hint: `add it under environments.${environment.name}.env`,
        },
      )
    }),
  )
}

function factsOf(
  workflow: Workflow,
  labels: Readonly<Record<string, string>>,
  account: string | undefined,
): Facts {
  const env = Object.entries(workflow.userEnvVars ?? {}).map(([name, value]) => [`env ${name}`, value])
  return present({
    description: workflow.description ?? undefined,
    source: sourceFact(workflow.sourceContents ?? ''),
    'history level': levelOf(workflow.executionHistoryLevel, historyLevels),
    'call log level': levelOf(workflow.callLogLevel, callLogLevels),
    'service account': account === undefined ? undefined : workflow.serviceAccount?.split('/').at(-1),
    ...Object.fromEntries(env),
    ...labelFacts(labelsAmong(workflow.labels, labels)),
  })
}

function sourceFact(source: string): string {
  return `${Buffer.byteLength(source)} bytes, ${source.split('\n').length - 1} lines (${contentHash(source)})`
}

const historyLevels = [
  'EXECUTION_HISTORY_LEVEL_UNSPECIFIED',
  'EXECUTION_HISTORY_BASIC',
  'EXECUTION_HISTORY_DETAILED',
]
const callLogLevels = ['CALL_LOG_LEVEL_UNSPECIFIED', 'LOG_ALL_CALLS', 'LOG_ERRORS_ONLY', 'LOG_NONE']

/** Enums arrive as names or as numbers, depending on the transport. */
function levelOf(value: string | number | null | undefined, names: readonly string[]): string | undefined {
  const name = typeof value === 'number' ? names[value] : value
  return name
    ?.replace(/^(EXECUTION_HISTORY|CALL_LOG_LEVEL|LOG)_/, '')
    .toLowerCase()
    .replaceAll('_', ' ')
}

const maskPaths: readonly (readonly [RegExp, string])[] = [
  [/^description$/, 'description'],
  [/^source$/, 'source_contents'],
  [/^history level$/, 'execution_history_level'],
  [/^call log level$/, 'call_log_level'],
  [/^service account$/, 'service_account'],
  [/^env /, 'user_env_vars'],
  [/^label /, 'labels'],
]

function pathsOf(changes: readonly FactChange[]): string[] {
  return maskPaths
    .filter(([pattern]) => changes.some(({ fact }) => pattern.test(fact)))
    .map(([, path]) => path)
}
