import { on, partly, same } from './feature.ts'

const of = (prefix: string, proof = prefix) =>
  same(`\`googleapis.${prefix}\``, `connectors/methods: googleapis.${proof}`, {
    subject: `connectors ${prefix}`,
  })

const executions = 'projects.locations.workflows.executions'

export const connectors = [
  ...on('connectors', [
    same('A call that waits for its operation', 'connectors/readings: a run of a job waits'),
    same('`skip_polling`', 'connectors/methods: googleapis.run.v1.namespaces.jobs.run'),
    same('`timeout`', 'connectors/errors: a connector waits half an hour unless told otherwise'),
    same(
      'Retries of 429 and 503',
      'connectors/errors: a connector raises what is left after its own retries',
    ),
    same(
      'An operation that fails',
      'connectors/errors: a failed operation is an OperationError that holds it',
    ),
    partly(
      'Connectors of other services',
      'They deploy, and are a SystemError when they are called.',
      'engine/steps: an unknown connector',
    ),
  ]),
  ...on('reference/googleapis/run/Overview', [
    of('run.v1.namespaces.jobs', 'run.v1.namespaces.jobs.run'),
    of('run.v1.namespaces.executions', 'run.v1.namespaces.executions.get'),
    of('run.v1.namespaces.services', 'run.v1.namespaces.services.get'),
    of('run.v2.projects.locations.jobs', 'run.v2.projects.locations.jobs.run'),
    of('run.v2.projects.locations.services', 'run.v2.projects.locations.services.get'),
    of('run.v2.projects.locations.operations', 'run.v2.projects.locations.operations.get'),
  ]),
  ...on('reference/googleapis/bigquery/Overview', [
    of('bigquery.v2.jobs', 'bigquery.v2.jobs.query'),
    of('bigquery.v2.datasets', 'bigquery.v2.datasets.insert'),
    of('bigquery.v2.tables', 'bigquery.v2.tables.get'),
    of('bigquery.v2.tabledata', 'bigquery.v2.tabledata.insertAll'),
    of('bigquery.v2.routines', 'bigquery.v2.routines.get'),
    of('bigquery.v2.models', 'bigquery.v2.models.get'),
    of('bigquery.v2.projects', 'bigquery.v2.projects.list'),
  ]),
  ...on('reference/googleapis/storage/Overview', [
    of('storage.v1.objects', 'storage.v1.objects.insert'),
    of('storage.v1.buckets', 'storage.v1.buckets.get'),
    of('storage.v1.bucketAccessControls', 'storage.v1.bucketAccessControls.list'),
    of('storage.v1.defaultObjectAccessControls', 'storage.v1.defaultObjectAccessControls.list'),
    of('storage.v1.objectAccessControls', 'storage.v1.objectAccessControls.list'),
    of('storage.v1.projects', 'storage.v1.projects.serviceAccount.get'),
  ]),
  ...on('reference/googleapis/workflowexecutions/Overview', [
    of(`workflowexecutions.v1.${executions}`, `workflowexecutions.v1.${executions}.run`),
    partly(
      `\`googleapis.workflowexecutions.v1beta.${executions}\``,
      'Answered by v1.',
      `connectors/methods: googleapis.workflowexecutions.v1beta.${executions}.get`,
      { subject: `connectors workflowexecutions.v1beta.${executions}` },
    ),
  ]),
  ...on('reference/googleapis/workflows/Overview', [
    of('workflows.v1.projects.locations', 'workflows.v1.projects.locations.workflows.get'),
  ]),
  ...on('reference/googleapis/pubsub/Overview', [
    of('pubsub.v1.projects.topics', 'pubsub.v1.projects.topics.publish'),
    of('pubsub.v1.projects.subscriptions', 'pubsub.v1.projects.subscriptions.pull'),
  ]),
  ...on('reference/googleapis/secretmanager/Overview', [
    of('secretmanager.v1.projects.secrets', 'secretmanager.v1.projects.secrets.versions.accessString'),
  ]),
]
