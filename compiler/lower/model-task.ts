import type { ModelTask } from '../../dsl/index.ts'
import { call, expr, int, map, step, type Subworkflow } from './language.ts'
import { connectorGraceSeconds } from './step-task.ts'
import { taskRoutine } from './tries.ts'
import { quoted } from './value.ts'

/** The subworkflow of a model task: one query job per try, which calls the model's procedure. */
export function lowerModelTask(
  dag: string,
  task: ModelTask,
  routine: string,
  upstream: readonly string[],
  comment: string,
): Subworkflow {
  const procedure = `${task.model.dataset}.${routine}`
  const request = `model_request(run, ${quoted(task.id)}, job_id, ${quoted(procedure)}, "${task.timeoutSeconds * 1000}")`
  const job = call('googleapis.bigquery.v2.jobs.insert', {
    args: {
      projectId: expr('run.project'),
      body: expr(request),
      connector_params: map({ timeout: int(task.timeoutSeconds + connectorGraceSeconds) }),
    },
  })
  const attempt = {
    start: { job_id: expr(`${quoted(`${dag}__${task.id}__`)} + run.run_id + "__" + files.attempt`) },
    steps: [step('run_model', job)],
    output: map({ job_id: expr('job_id') }),
    otherEnds: [],
    predicate: 'is_retryable',
    hasInput: false,
  }
  return taskRoutine(task, upstream, attempt, comment)
}
