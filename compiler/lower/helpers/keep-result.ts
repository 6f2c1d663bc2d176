import { call, expr, map, nul, param, step, str, subworkflow, type Subworkflow } from '../language.ts'

/** The ledger's entry of a task that succeeded without a container. */
export const keepResult: Subworkflow = subworkflow(
  'keep_result',
  [param('run'), param('task'), param('try'), param('output', nul)],
  [
    step(
      'insert_result',
      call('googleapis.storage.v1.objects.insert', {
        args: {
          bucket: expr('run.bucket'),
          name: expr('text.url_encode(run.prefix + task + "/result.json")'),
          uploadType: str('media'),
          body: map({ state: str('success'), tries: expr('try'), output: expr('output') }),
        },
      }),
    ),
  ],
  'Notes that a task succeeded, for a rerun to find.',
)
