import { on, same } from './feature.ts'

export const history = on('debug-steps', [
  same(
    'Type, state, parent and order of step entries',
    'api/executions: step entries have type, state, parent and order',
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
