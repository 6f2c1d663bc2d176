import { call, expr, str, step, type Step, type Value } from './language.ts'

/** The ledger's entry of a task that no container wrote a result for: what a rerun finds instead of running it again. */
export function keepResultStep(result: Value): Step {
  return step(
    'keep_result',
    call('googleapis.storage.v1.objects.insert', {
      args: {
        bucket: expr('run.bucket'),
        name: expr('text.url_encode(run.prefix + task + "/result.json")'),
        uploadType: str('media'),
        body: result,
      },
    }),
  )
}
