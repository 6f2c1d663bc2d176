/**
 * The limits of Google Cloud Workflows as data. `evidence` says how sure the number is: `documented`, `schema` (the
 * public JSON schema only), `tools` (independent tools agree), `unconfirmed`.
 */
export interface Limit {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Page of the documentation that states it, or that it belongs to. */
  readonly doc: string
  readonly evidence: 'documented' | 'schema' | 'tools' | 'unconfirmed'
}

const docs = 'https://cloud.google.com/workflows/docs'
const quotas = 'https://cloud.google.com/workflows/quotas'
const kibi = 1024

function limit(
  name: string,
  value: number,
  unit: string,
  doc: string = quotas,
  evidence: Limit['evidence'] = 'documented',
): Limit {
  return Object.freeze({ name, value, unit, doc, evidence })
}

export const limits = Object.freeze({
  sourceSize: limit('source size', 128 * kibi, 'bytes'),
  assignments: limit('assignments per step', 50, 'assignments'),
  conditions: limit('conditions per switch', 50, 'conditions'),
  minimumSteps: limit('steps per workflow, minimum', 1, 'steps'),
  executedSteps: limit('steps executed per execution', 100_000, 'steps'),
  callDepth: limit('call stack depth', 20, 'calls'),
  branches: limit('branches per parallel step', 10, 'branches'),
  minimumBranches: limit(
    'branches per parallel step, minimum',
    2,
    'branches',
    `${docs}/reference/syntax/parallel-steps`,
    'schema',
  ),
  parallelDepth: limit('nesting of parallel steps', 2, 'levels'),
  concurrentBranches: limit('concurrent branches and iterations per execution', 20, 'branches'),
  unhandledBranchErrors: limit('unhandled exceptions in parallel steps per execution', 100, 'exceptions'),
  memory: limit('memory of variables, arguments and events per execution', 512 * kibi, 'bytes'),
  httpResponse: limit('HTTP response', 2 * kibi * kibi, 'bytes'),
  stringLength: limit('string', 256 * kibi, 'bytes', `${docs}/reference/syntax/syntax-cheat-sheet`),
  argumentSize: limit('execution argument', 32 * kibi, 'bytes', `${docs}/passing-runtime-arguments`),
  expressionLength: limit('expression', 400, 'characters', `${docs}/reference/syntax/expressions`, 'tools'),
  executionDuration: limit('execution duration', 31_536_000, 'seconds'),
  historyRetention: limit('retention of execution history', 90, 'days', quotas, 'unconfirmed'),
  httpTimeout: limit('timeout of an HTTP call', 1800, 'seconds', `${docs}/http-requests`),
  httpDefaultTimeout: limit(
    'default timeout of an HTTP call',
    300,
    'seconds',
    `${docs}/http-requests`,
    'unconfirmed',
  ),
  connectorDefaultTimeout: limit('default timeout of a connector', 1800, 'seconds', `${docs}/connectors`),
  connectorTimeout: limit('timeout of a connector', 31_536_000, 'seconds', `${docs}/connectors`),
  sleep: limit('sleep', 31_536_000, 'seconds', `${docs}/reference/stdlib/sys/sleep`),
  callbackDefaultTimeout: limit(
    'default timeout of a callback',
    43_200,
    'seconds',
    `${docs}/reference/stdlib/events/await_callback`,
  ),
  params: limit(
    'parameters of a subworkflow',
    10,
    'parameters',
    `${docs}/reference/syntax/subworkflows`,
    'schema',
  ),
  mainParams: limit('parameters of main', 1, 'parameters', `${docs}/reference/syntax/runtime-arguments`),
  workflowId: limit(
    'workflow id',
    64,
    'characters',
    `${docs}/reference/rest/v1/projects.locations.workflows`,
  ),
  description: limit(
    'workflow description',
    1000,
    'characters',
    `${docs}/reference/rest/v1/projects.locations.workflows`,
  ),
  environmentVariables: limit(
    'user environment variables',
    20,
    'variables',
    `${docs}/use-environment-variables`,
  ),
  environmentVariableSize: limit(
    'user environment variable',
    4 * kibi,
    'bytes',
    `${docs}/use-environment-variables`,
  ),
  labels: limit(
    'labels per execution',
    64,
    'labels',
    `${docs}/reference/executions/rest/v1/projects.locations.workflows.executions`,
  ),
  workflows: limit('workflows per project', 10_000, 'workflows'),
  concurrentExecutions: limit('concurrent executions per project and region', 10_000, 'executions'),
  executionBacklog: limit('queued executions per project and region', 100_000, 'executions'),
  workflowRequests: limit('workflow create, read, update and delete requests', 1200, 'requests per minute'),
  executionGetRequests: limit('execution get requests', 6000, 'requests per minute'),
  executionListRequests: limit('execution list requests', 1200, 'requests per minute'),
  executionWriteRequests: limit('execution create and cancel requests', 6000, 'requests per minute'),
})
