import type { SensorTask } from '../../../dsl/index.ts'
import { valuesOf } from '../../../dsl/condition.ts'
import { operandsOf, operandValues, testSteps } from '../condition.ts'
import { logStep } from '../helpers/log.ts'
import { taskError } from '../helpers/values.ts'
import { keepResultStep } from '../keep-result.ts'
import {
  assign,
  block,
  bool,
  call,
  except,
  expr,
  map,
  otherwise,
  raises,
  returns,
  step,
  str,
  switchOn,
  tryBody,
  when,
  type Step,
  type Value,
} from '../language.ts'
import { lowerRequest, requestInput } from '../request.ts'
import type { Work } from '../routine.ts'
import { lowerInput, quoted } from '../value.ts'
import { deadlineParam, lookAgain, startWaiting } from '../waiting.ts'

/** A look of an HTTP sensor ends after five minutes, as requests of Workflows do where nothing is said. */
const longestLook = 300

/** A sensor: looks again and again until what it waits for is there, or its time is over. */
export function sensorWork(task: SensorTask): Work {
  const reason = `nothing came within ${task.timeoutSeconds} seconds`
  return {
    steps: [
      startWaiting(task.timeoutSeconds),
      ...lookSteps(task),
      ...lookAgain({
        there: 'there',
        found: 'keep_result',
        late: task.softFail ? 'log_skipped' : 'too_late',
        again: 'look',
        seconds: task.pokeSeconds,
      }),
      ...(task.softFail
        ? skippedSteps(reason)
        : [step('too_late', raises(taskError('sensor_timeout', str(reason))))]),
      keepResultStep(),
      step('succeeded', returns(map({ state: str('success'), tries: expr('run.try') }))),
    ],
    hasInput: sensorInput(task).length > 0,
    idempotent: true,
    params: [deadlineParam],
  }
}

/** A task that ends skipped of its own accord says so, like one that its upstream skips. */
function skippedSteps(reason: string): readonly Step[] {
  return [
    logStep('log_skipped', 'INFO', { state: str('skipped'), reason: str(reason) }),
    step('skipped', returns(map({ state: str('skipped'), tries: expr('run.try'), reason: str(reason) }))),
  ]
}

/** What `main` hands over to a sensor. */
export function sensorInput({ condition }: SensorTask): readonly (readonly [string, Value])[] {
  switch (condition.kind) {
    case 'object':
      return [
        ...(condition.bucket ? [['bucket', lowerInput(condition.bucket, 'workflow')] as const] : []),
        ['object', lowerInput(condition.object, 'workflow')],
      ]
    case 'partition':
      return [['partition', lowerInput(condition.partition, 'workflow')]]
    case 'http':
      return [
        ...requestInput(condition.request),
        ...operandValues(operandsOf(condition.until ? valuesOf(condition.until) : [])),
      ]
  }
}

/** Steps from `look` on that leave in `there` whether it is there; what is not there yet is no error. */
function lookSteps(task: SensorTask): readonly Step[] {
  const { condition } = task
  switch (condition.kind) {
    case 'object': {
      const found = call('googleapis.storage.v1.objects.get', {
        args: {
          bucket: expr(condition.bucket ? 'input.bucket' : 'run.bucket'),
          object: expr('text.url_encode(input.object)'),
        },
      })
      return [lookOr404([step('look_for_object', found), step('found', assign({ there: bool(true) }))])]
    }
    case 'partition': {
      const names = `${quoted(condition.dataset)}, ${quoted(condition.table)}`
      return [
        step(
          'look',
          call('googleapis.bigquery.v2.jobs.query', {
            args: {
              projectId: expr('run.project'),
              body: expr(`partition_query(run, task, ${names}, input.partition)`),
            },
            result: 'answer',
          }),
        ),
        step('read_answer', assign({ there: expr('len(default(map.get(answer, "rows"), [])) > 0') })),
      ]
    }
    case 'http': {
      const { prepare, args } = lowerRequest(condition.request, Math.min(longestLook, task.timeoutSeconds))
      const { until } = condition
      const tested =
        until === null
          ? [step('found', assign({ there: bool(true) }))]
          : [
              step(
                'read_answer',
                assign({ response: map({ status: expr('answer.code'), body: expr('answer.body') }) }),
              ),
              ...testSteps('test', [['there', until]], operandsOf(valuesOf(until))),
            ]
      return [
        ...prepare,
        lookOr404([step('ask', call('http.request', { args, result: 'answer' })), ...tested]),
      ]
    }
  }
}

function lookOr404(steps: readonly Step[]): Step {
  const notThere = switchOn([
    when('"HttpError" in default(map.get(e, "tags"), []) and e.code == 404', assign({ there: bool(false) })),
    otherwise(raises(expr('e'))),
  ])
  return step('look', tryBody(block(steps), { except: except('e', [step('not_there', notThere)]) }))
}
