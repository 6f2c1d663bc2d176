import type { StepTask } from '../../../dsl/index.ts'
import { jobPart } from '../../names.ts'
import { largeInputTest, mayExceedInline } from '../input-size.ts'
import {
  assign,
  block,
  bool,
  call,
  expr,
  int,
  map,
  param,
  returns,
  step,
  str,
  switchOn,
  when,
  type Step,
} from '../language.ts'
import type { Work } from '../routine.ts'
import { inputObject, ledgerObject, writtenObject } from '../run-objects.ts'
import { quoted } from '../value.ts'

/** How long the connector waits beyond a job's own timeout, for it to be started and to stop. */
export const connectorGraceSeconds = 600

/** A step task: a Cloud Run job per try, and its result from the metadata of the object that the container wrote. */
export function stepWork(task: StepTask): Work {
  const mayBeLarge = mayExceedInline(task)
  return {
    steps: [...(mayBeLarge ? [checkInput] : []), runJob(task, mayBeLarge), keepResult, ended],
    params: mayBeLarge ? [param('large', bool(false))] : [],
    hasInput: true,
    writesResult: true,
    idempotent: task.contract.idempotency === 'idempotent',
  }
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
              name: expr(inputObject),
              uploadType: str('media'),
              body: expr('input'),
            },
          }),
        ),
        step('is_large', assign({ large: bool(true) })),
      ]),
    ),
  ]),
)

function runJob(task: StepTask, mayBeLarge: boolean): Step {
  return step(
    'run_job',
    call('googleapis.run.v2.projects.locations.jobs.run', {
      args: {
        name: expr(`run.jobs + ${quoted(jobPart(task.id))}`),
        body: expr(`job_request(run, task, input, ${task.timeoutSeconds}${mayBeLarge ? ', large' : ''})`),
        connector_params: map({ timeout: int(task.timeoutSeconds + connectorGraceSeconds) }),
      },
    }),
  )
}

/** One copy reads how the try ended, in the metadata, and is the ledger's entry. */
const keepResult: Step = step(
  'keep_result',
  call('googleapis.storage.v1.objects.copy', {
    args: {
      sourceBucket: expr('run.bucket'),
      sourceObject: expr(writtenObject),
      destinationBucket: expr('run.bucket'),
      destinationObject: expr(ledgerObject),
    },
    result: 'kept',
  }),
)

/** A result that is there but says no more is an error, which `settle` puts into words. */
const ended: Step = step('succeeded_or_skipped', returns(expr('json.decode(kept.metadata.result)')))
