import { on, partly, same } from './feature.ts'

const workflows = (text: string): string => `api/workflows: ${text}`
const gcloud = (text: string): string => `api/gcloud: gcloud workflows ${text}`
const executions = (text: string): string => `api/executions: ${text}`

export const apis = [
  ...on('reference/rest', [
    same(
      'Create, get, list and delete workflows',
      workflows('a workflow is created, read, listed and deleted'),
    ),
    same('A source that does not build', workflows("a source that does not build is the operation's error")),
    same('A workflow that exists', workflows('a workflow that exists cannot be created')),
    same('Patches by mask', workflows('a patch changes what its mask names, in both spellings')),
    same('Revisions', workflows('each change of the source is a revision, and they are listed newest first')),
    same('Unknown fields', workflows('an unknown field is refused')),
    same('Unknown query parameters', 'api/requests: a query parameter that a method does not have'),
    same(
      'System parameters, snake case',
      'api/requests: parameters that every method has, and fields in snake case',
    ),
    same('Values of the wrong type', 'api/requests: values of the wrong type'),
    same('Resources that do not exist', 'api/requests: what is not there'),
    same('Operations and locations', workflows('operations and locations are listed')),
  ]),
  ...on('reference/executions/rest', [
    same(
      'Create and get executions, both views',
      executions('an execution is created, ends, and is read in both views'),
    ),
    same(
      'List with filter, order and pages',
      executions('executions are listed newest first, filtered, ordered and by pages'),
    ),
    partly(
      'States of an execution',
      'UNAVAILABLE and `stateError` tell of a lost encryption key, which nothing local has.',
      'api/limits: so many executions run at once, the others are queued',
    ),
    same('Fields of an execution, in both views', executions('the fields of an execution, in both views')),
    same(
      'Sizes of pages',
      executions('a page of executions has 100, and at most 100 in full or 1000 in basic view'),
    ),
    same('Cancel', executions('an execution that runs can be cancelled, one that has ended cannot')),
    same('Callbacks', executions('a callback takes one request and ends the wait')),
    same(
      'Delete a history, export data',
      executions('the history of an execution that has ended can be deleted, its data exported'),
    ),
  ]),
  ...on('creating-updating-workflow', [
    same('gcloud workflows deploy', gcloud('deploy, of a new workflow')),
    same('gcloud workflows deploy, again', gcloud('deploy, of an existing workflow')),
    same('Each flag of deploy', gcloud('deploy, one flag at a time, in both spellings of the mask')),
    same('gcloud workflows list, describe, delete', gcloud('list, describe and delete')),
  ]),
  ...on('executing-workflow', [
    same('gcloud workflows run', gcloud('run')),
    same('gcloud workflows execute, wait, describe', gcloud('execute, executions wait and describe')),
    same('gcloud workflows executions list', gcloud('executions list')),
    same('gcloud workflows executions cancel', gcloud('executions cancel')),
  ]),
  ...on('log-workflow', [
    same('`sys.log` in Cloud Logging', executions("what a workflow logs is found in Cloud Logging's form")),
  ]),
  ...on('reference/environment-variables', [
    same('Built-in and user environment variables', executions('built-in environment variables')),
  ]),
]
