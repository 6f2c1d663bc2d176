import type { ModelTask } from '../../../dsl/index.ts'
import { call, expr, int, map, returns, step, str } from '../language.ts'
import type { Work } from '../routine.ts'
import { quoted } from '../value.ts'
import { connectorGraceSeconds } from './step.ts'
import { keepResultStep } from '../keep-result.ts'

/** A model task: one query job per try, which calls the model's procedure. */
export function modelWork(task: ModelTask, routine: string): Work {
  const procedure = quoted(`${task.model.dataset}.${routine}`)
  return {
    steps: [
      step(
        'run_model',
        call('googleapis.bigquery.v2.jobs.insert', {
          args: {
            projectId: expr('run.project'),
            body: expr(`model_request(run, task, ${procedure}, ${task.timeoutSeconds})`),
            connector_params: map({ timeout: int(task.timeoutSeconds + connectorGraceSeconds) }),
          },
        }),
      ),
      keepResultStep(),
      step('succeeded', returns(map({ state: str('success'), tries: expr('run.try') }))),
    ],
    hasInput: false,
    idempotent: true,
  }
}
