import { not, on, partly, same } from './feature.ts'

const limit = (name: string, text: string, proof: string) => same(text, proof, { subject: `limit ${name}` })
const one = { subject: (name: string) => ({ subject: `limit ${name}` }) }

export const limits = on('https://cloud.google.com/workflows/quotas', [
  limit('sourceSize', 'Source of 128 KB', 'api/workflows: a source has 128 KB at most'),
  limit('assignments', '50 assignments a step', 'language/limits: fifty-one assignments'),
  limit('conditions', '50 conditions a switch', 'language/limits: fifty-one conditions'),
  limit('minimumSteps', 'At least one step', 'language/structure: an empty list of steps'),
  limit(
    'executedSteps',
    '100,000 steps an execution',
    'engine/steps: an endless loop stops at 100,000 steps',
  ),
  limit('steps', 'Steps that are caught count too', 'engine/steps: whatever is caught on the way'),
  limit('callDepth', 'Call stack of 20', 'engine/steps: recursion up to the depth of 20'),
  limit('branches', '10 branches', 'language/parallel: eleven branches, and one'),
  same('2 branches at least', 'language/parallel: eleven branches, and one', {
    ...one.subject('minimumBranches'),
    evidence: 'schema',
  }),
  limit('parallelDepth', 'Two levels of parallel steps', 'engine/parallel: an error of too deep a nesting'),
  limit(
    'concurrentBranches',
    '20 branches at once, the others wait',
    'engine/parallel: 20 run at once, the rest waits in a queue',
  ),
  limit(
    'unhandledBranchErrors',
    '100 unhandled errors of branches',
    'engine/parallel: 100 unhandled errors at most',
  ),
  limit('memory', '512 KB of variables', 'engine/steps: memory is limited to 512 KB'),
  limit('httpResponse', 'Responses of 2 MB', 'connectors/errors: more than 2 MB are a ResourceLimitError'),
  limit('stringLength', 'Strings of 256 KB', 'engine/steps: a string has at most 256 KB'),
  limit('string', 'Strings that a function makes', 'engine/steps: a replacement cannot blow up'),
  limit('argumentSize', 'Arguments of 32 KB', 'api/executions: an argument has 32 KB at most'),
  same('Expressions of 400 characters', 'language/limits: an expression of 401 characters', {
    ...one.subject('expressionLength'),
    evidence: 'tools',
  }),
  limit(
    'executionDuration',
    'An execution ends after a year',
    'api/limits: an execution ends with a TimeoutError after a year',
  ),
  limit('duration', 'An execution may take a year', 'api/limits: an execution may take a year'),
  partly(
    'Executions are forgotten after 90 days',
    'Those of an earlier emulator on the same state folder age from the start of the present one: its clock may have been another.',
    'api/limits: an execution and its history are forgotten 90 days after it ended',
    { ...one.subject('historyRetention'), evidence: 'tools' },
  ),
  limit('httpTimeout', 'HTTP calls of 1800 seconds', 'connectors/errors: http waits at most 1800 seconds'),
  same('HTTP calls of 300 seconds by default', 'connectors/readings: http waits 300 seconds', {
    ...one.subject('httpDefaultTimeout'),
    evidence: 'tools',
  }),
  limit(
    'connectorDefaultTimeout',
    'Connectors wait 1800 seconds by default',
    'connectors/errors: a connector waits half an hour unless told otherwise',
  ),
  limit(
    'connectorTimeout',
    'Connectors wait a year at most',
    'connectors/errors: a connector waits at most a year',
  ),
  limit('sleep', 'A sleep of a year', 'engine/stdlib: sys.sleep takes a year at most'),
  limit(
    'callbackDefaultTimeout',
    'Callbacks wait 43,200 seconds by default',
    'api/executions: nobody calls, and a callback waits for twelve hours',
  ),
  same('10 parameters of a subworkflow', 'language/jumps: parameters', {
    ...one.subject('params'),
    evidence: 'schema',
  }),
  limit(
    'workflowId',
    'Workflow ids of 64 characters',
    'api/workflows: a workflow id has 64 characters at most, and begins with a letter',
  ),
  limit(
    'description',
    'Descriptions of 1000 characters',
    'api/workflows: a description has 1000 characters at most',
  ),
  limit(
    'environmentVariables',
    '20 user environment variables',
    'api/workflows: 20 user environment variables at most',
  ),
  limit(
    'environmentVariableSize',
    'User environment variables of 4 KiB',
    'api/workflows: a user environment variable has 4 KiB at most, and no reserved name',
  ),
  limit('labels', '64 labels an execution', 'api/executions: an execution has 64 labels at most'),
  limit(
    'workflows',
    '10,000 workflows a project',
    'api/limits: a project has so many workflows, in all its regions',
  ),
  limit(
    'concurrentExecutions',
    '10,000 executions at once',
    'api/limits: so many executions run at once, the others are queued',
  ),
  limit(
    'executionBacklog',
    'A backlog of 100,000 executions',
    'api/limits: so many executions are queued, one more is refused',
  ),
  not(
    '1,200 requests for workflows a minute',
    'No request is refused for its rate: a minute of a virtual clock is no measure of what a client sends, and a local client may poll as often as it likes. The numbers are in `language/limits.ts`.',
    'api/workflows: no request is refused for its rate',
    one.subject('workflowRequests'),
  ),
  not(
    '6,000 requests for an execution a minute',
    'As above.',
    'api/workflows: no request is refused for its rate',
    one.subject('executionGetRequests'),
  ),
  not(
    '1,200 lists of executions a minute',
    'As above.',
    'api/workflows: no request is refused for its rate',
    one.subject('executionListRequests'),
  ),
  not(
    '6,000 executions created or cancelled a minute',
    'As above.',
    'api/workflows: no request is refused for its rate',
    one.subject('executionWriteRequests'),
  ),
  partly(
    'Retries, iterations and polls count as steps',
    'Whether structural steps count is a reading.',
    'engine/steps: structural steps count',
  ),
])
