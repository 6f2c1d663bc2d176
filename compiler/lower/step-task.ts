import type { StepTask } from '../../dsl/index.ts'
import {
  assign,
  block,
  call,
  except,
  expr,
  goto,
  int,
  map,
  nul,
  raises,
  returns,
  step,
  str,
  switchOn,
  tryBody,
  when,
  type Step,
  type Subworkflow,
} from './language.ts'
import { jobId } from '../names.ts'
import { largeInputTest, mayExceedInline } from './input-size.ts'
import { taskRoutine } from './tries.ts'
import { quoted } from './value.ts'

/** How long the connector waits beyond a job's own timeout, for it to be started and to stop. */
export const connectorGraceSeconds = 600

/** The subworkflow of a step task: a Cloud Run job per try, and its result from object metadata. */
export function lowerStepTask(
  dag: string,
  task: StepTask,
  upstream: readonly string[],
  comment: string,
): Subworkflow {
  const attempt = {
    start: { job_error: nul },
    steps: [...(mayExceedInline(task) ? [checkInput] : []), startJob(dag, task), findResult, checkResult],
    output: expr('json.decode(object.metadata.output)'),
    otherEnds: [skipped],
    predicate: predicateOf(task),
    hasInput: true,
  }
  return taskRoutine(task, upstream, attempt, comment)
}

export function predicateOf(task: StepTask): string {
  return task.contract.idempotency === 'idempotent' ? 'is_retryable' : 'is_retryable_non_idempotent'
}

/** A large input goes to an object, which `job_request` then names instead of the input. */
const checkInput: Step = step(
  'check_input',
  switchOn([
    when(
      largeInputTest('json.encode_to_string(input)'),
      block([
        step(
          'write_input',
          call('googleapis.storage.v1.objects.insert', {
            args: {
              bucket: expr('run.bucket'),
              name: expr('files.input'),
              uploadType: str('media'),
              body: expr('input'),
            },
          }),
        ),
      ]),
    ),
  ]),
)

/** Whatever went wrong with the job, the step may have written a result: that is looked for first. */
function startJob(dag: string, task: StepTask): Step {
  const request = `job_request(run, ${quoted(task.id)}, try, files, input, "${task.timeoutSeconds}s")`
  const run = call('googleapis.run.v2.projects.locations.jobs.run', {
    args: {
      name: expr(`run.jobs + ${quoted(jobId(dag, task.id))}`),
      body: expr(request),
      connector_params: map({ timeout: int(task.timeoutSeconds + connectorGraceSeconds) }),
    },
  })
  return step(
    'start_job',
    tryBody(block([step('run_job', run)]), {
      except: except('e', [step('job_failed', assign({ job_error: expr('e') }))]),
    }),
  )
}

const findResult: Step = step(
  'find_result',
  tryBody(
    block([
      step(
        'read_result',
        call('googleapis.storage.v1.objects.get', {
          args: { bucket: expr('run.bucket'), object: expr('files.output') },
          result: 'object',
        }),
      ),
    ]),
    { except: except('e', [step('no_result', raises(expr('missing_result(e, job_error)')))]) },
  ),
)

const checkResult: Step = step(
  'check_result',
  switchOn([
    when('map.get(object, ["metadata", "outcome"]) == "skip"', goto('skipped')),
    when('map.get(object, ["metadata", "outcome"]) != "output"', raises(expr('step_error(object)'))),
  ]),
)

const skipped: Step = step(
  'skipped',
  returns(map({ state: str('skipped'), tries: expr('try'), reason: expr('object.metadata.reason') })),
)
