import {
  call,
  except,
  expr,
  map,
  nul,
  param,
  retryPolicy,
  step,
  str,
  subworkflow,
  tryBody,
  type Subworkflow,
} from '../language.ts'
import { ledgerObject } from '../run-objects.ts'
import { logStep } from './log.ts'

/** The ledger's entry of a task that succeeded without a container. */
export const keepResult: Subworkflow = subworkflow(
  'keep_result',
  [param('run'), param('task'), param('output', nul)],
  [
    step(
      'write_result',
      tryBody(
        call('googleapis.storage.v1.objects.insert', {
          args: {
            bucket: expr('run.bucket'),
            name: expr(ledgerObject),
            uploadType: str('media'),
            body: map({ state: str('success'), tries: expr('run.try'), output: expr('output') }),
          },
        }),
        {
          retry: retryPolicy('http.default_retry'),
          // The work is done: to do it again, or to ask a person again, would be worse than a rerun that does so.
          except: except('e', [
            logStep('not_kept', 'WARNING', {
              message: str('the result could not be kept: a rerun of the run would do the task again'),
            }),
          ]),
        },
      ),
    ),
  ],
  'Notes that a task succeeded, for a rerun to find.',
)
