import type { ModelTask } from '../../../dsl/index.ts'
import { call, expr, int, map, returns, step, str } from '../language.ts'
import type { Work } from '../routine.ts'
import { quoted } from '../value.ts'
import { connectorGraceSeconds } from './step.ts'
import { keepResultStep } from '../keep-result.ts'

/** A model task: one query job per try, which calls the model's procedure. */
export function modelWork(task: ModelTask, routine: string): Work {
  const procedure = quoted(`${task.model.dataset}.${routine}`)
  const output = map({ job_id: expr('job.jobReference.jobId') })
  const result = map({ state: str('success'), tries: expr('try'), output })
  return {
    steps: [
      step(
        'run_model',
        call('googleapis.bigquery.v2.jobs.insert', {
          args: {
            projectId: expr('run.project'),
            body: expr(`model_request(run, task, try, ${procedure}, "${task.timeoutSeconds * 1000}")`),
            connector_params: map({ timeout: int(task.timeoutSeconds + connectorGraceSeconds) }),
          },
          result: 'job',
        }),
      ),
      keepResultStep(result),
      step('succeeded', returns(result)),
    ],
    hasInput: false,
    idempotent: true,
  }
}
