import { on, same } from './feature.ts'

export const history = on('debug-steps', [
  same(
    'Type, state, parent and order of step entries',
    'api/executions: step entries have type, state, parent and order',
  ),
  same('Types of calls, jumps and returns', 'api/steps: assignments, calls of all kinds, jumps and returns'),
  same(
    'Entries of conditions',
    'api/steps: a switch has an entry for the condition that holds, and its steps below that',
  ),
  same(
    'Entries of iterations, with their number',
    'api/steps: a loop has an entry for every iteration, and tells how many there will be where it is detailed',
  ),
  same('Threads of branches', 'api/steps: branches have threads of their own'),
  same('Threads of parallel iterations', 'api/steps: parallel iterations have threads of their own'),
  same('Entries of tries, retries and handlers', 'api/steps: tries, retries and handlers'),
  same(
    'Entries of what runs and of what was cancelled',
    'api/steps: entries of what runs and of what was cancelled',
  ),
  same('Exceptions of what failed', 'api/steps: an error passes through what encloses it'),
  same(
    'Filter, order, skip and pages',
    'api/steps: entries are filtered, ordered, skipped and given by pages',
  ),
  same(
    'Variables where the history is detailed',
    'api/executions: variables are in the history where it is detailed',
  ),
  same('Entries of a subworkflow', 'engine/errors: entries of a subworkflow stand below its call', {
    evidence: 'schema',
  }),
  same('Entries of retries', 'engine/errors: each retry is visible', { evidence: 'schema' }),
  same('Entries of branches', 'engine/parallel: history of branches', { evidence: 'schema' }),
  same('Entries of inline bodies', 'engine/errors: an inline body has an entry of its own', {
    evidence: 'schema',
  }),
])
