import {
  assign,
  block,
  bool,
  call,
  except,
  expr,
  goto,
  map,
  nul,
  otherwise,
  param,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  tryBody,
  when,
  type Step,
  type Subworkflow,
} from '../language.ts'
import { logStep } from './log.ts'
import { settled } from './settled.ts'

/** Letters of base64 by their value: a letter's place is a number of 6 bits. */
const base64Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** What a run holds of an error's message, to its end and several times over; the log has a longer one. */
export const mostMessageBytes = 1000

/** base64 has four characters for every three bytes; `len` alone counts characters. */
const isLong = `len(base64.encode(text.encode(described.message))) > ${Math.ceil(mostMessageBytes / 3) * 4}`

/** A character takes up to four bytes. */
const keptMessage = `text.substring(described.message, 0, if(${isLong}, ${mostMessageBytes / 4}, ${mostMessageBytes}))`

/**
 * What becomes of a try that failed: `{result}` where the task ends with it, `{delay, result: null}` where another try
 * follows after so many seconds. Whatever is said to have gone wrong, a container may have left a result: that counts.
 */
export const taskFailed: Subworkflow = subworkflow(
  'task_failed',
  [
    ...['run', 'task', 'try', 'error'].map((name) => param(name)),
    param('idempotent', bool(true)),
    param('container', bool(false)),
  ],
  settled(
    'judge',
    [
      step(
        'start',
        assign({
          object: nul,
          folder: expr('run.prefix + task + "/"'),
          policy: expr('default(map.get(run.policies, text.split(task, "/")[0]), run.policies.default)'),
        }),
      ),
      step('look_for_result', switchOn([when('container', block([readResult()]))])),
      step(
        'left_result',
        switchOn([when('map.get(object, ["metadata", "result"]) != null', goto('late_result'))]),
      ),
      step(
        'describe',
        assign([
          [
            'described',
            expr(
              'describe_error(error, default(map.get(object, "metadata"), object), idempotent, container)',
            ),
          ],
          ['described.message', expr('text.substring(string(described.message), 0, 1000)')],
        ]),
      ),
      step(
        'decide_retry',
        switchOn([
          when(
            'described.retryable and try <= policy.retries',
            assign({ delay: expr('retry_delay(run, task, try, policy)') }),
          ),
          otherwise(goto('log_failure')),
        ]),
      ),
      logStep('log_retry', 'WARNING', {
        try: expr('try'),
        code: expr('described.code'),
        message: expr('described.message'),
        retry_in_seconds: expr('delay'),
      }),
      step('retry', returns(map({ delay: expr('delay'), result: nul }))),
      logStep('log_failure', 'ERROR', {
        state: str('failed'),
        try: expr('try'),
        code: expr('described.code'),
        message: expr('described.message'),
      }),
      step(
        'failed',
        returns(
          map({
            delay: nul,
            result: map({
              state: str('failed'),
              tries: expr('try'),
              error: map({
                code: expr('text.substring(described.code, 0, 100)'),
                message: expr(keptMessage),
              }),
            }),
          }),
        ),
      ),
      ...lateResult(),
    ],
    (result) => map({ delay: nul, result }),
  ),
  'What becomes of a try that failed: another try after a while, or the end of the task.',
)

/** The object of this try; that it cannot be read says no more than that it is not there. */
function readResult(): Step {
  return step(
    'read_result',
    tryBody(
      call('googleapis.storage.v1.objects.get', {
        args: {
          bucket: expr('run.bucket'),
          object: expr('text.url_encode(folder + run.execution + "-" + string(try) + "/output.json")'),
        },
        result: 'object',
      }),
      { except: except('e', [step('no_result', assign({ object: nul }))]) },
    ),
  )
}

/** The job is said to have failed after its container wrote that it did its work. */
function lateResult(): readonly Step[] {
  return [
    step(
      'late_result',
      tryBody(
        call('googleapis.storage.v1.objects.copy', {
          args: {
            sourceBucket: expr('run.bucket'),
            sourceObject: expr(
              'text.url_encode(folder + run.execution + "-" + string(try) + "/output.json")',
            ),
            destinationBucket: expr('run.bucket'),
            destinationObject: expr('text.url_encode(folder + "result.json")'),
          },
        }),
        // A rerun will run the task again: no more than that is lost.
        { except: except('e', [step('not_kept', assign({ kept: bool(false) }))]) },
      ),
    ),
    step('late_end', returns(map({ delay: nul, result: expr('json.decode(object.metadata.result)') }))),
  ]
}

/**
 * Seconds before the next try. As Airflow's: constant, or growing by a factor with up to the same again on top, by a hash
 * of what is tried; here the map index counts too, and the cap holds in both cases.
 * https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html
 */
export const retryDelay: Subworkflow = subworkflow(
  'retry_delay',
  ['run', 'task', 'try', 'policy'],
  [
    step(
      'base',
      assign({ base: expr('policy.delays[if(try < len(policy.delays), try, len(policy.delays)) - 1]') }),
    ),
    step('constant', switchOn([when('not("most" in policy)', returns(expr('base')))])),
    step(
      'hash',
      assign([
        ['key', expr('run.dag + "#" + task + "#" + run.logical_date + "#" + string(try)')],
        ['digest', expr('base64.encode(hash.compute_checksum(text.encode(key), "SHA256"))')],
        ['letters', str(base64Letters)],
        ['high', expr('text.find_all(letters, text.substring(digest, 0, 1))[0]')],
        ['low', expr('text.find_all(letters, text.substring(digest, 1, 2))[0]')],
        // 0 to 4095 of 4096
        ['delay', expr('base + base * (high * 64 + low) / 4096')],
      ]),
    ),
    step('capped', returns(expr('if(delay < policy.most, delay, policy.most)'))),
  ],
  'Seconds to wait before the next try.',
)

/** The codes that tell what failed where the step itself says nothing. */
const noOutput = map({
  code: str('no_output'),
  message: str('the container exited 0 without writing a result'),
  retryable: bool(false),
})

/**
 * BigQuery names errors that pass by a reason, wherever they surface. A job that took too long is `stopped`, like one that
 * somebody cancelled; only its message tells them apart.
 * https://cloud.google.com/bigquery/docs/error-messages
 */
const passing =
  '"(backendError|internalError|jobBackendError|jobInternalError|[rR]ateLimitExceeded|tableUnavailable|Job timed out)"'

/**
 * An error as the code and the message that a failed task reports, and whether another try can help. The words of the
 * step come first; then those of the platform.
 */
export const describeError: Subworkflow = subworkflow(
  'describe_error',
  ['error', 'written', 'idempotent', 'container'],
  [
    step(
      'own_words',
      switchOn([
        when(
          'written != null',
          returns(
            map({
              code: expr('default(map.get(written, "code"), "no_output")'),
              message: expr('default(map.get(written, "message"), "the result says nothing")'),
              retryable: expr('map.get(written, "retryable") == "true"'),
            }),
          ),
        ),
        when(
          'get_type(error) != "map"',
          returns(
            map({
              code: str('error'),
              message: expr('text.substring(json.encode_to_string(error), 0, 1000)'),
              retryable: bool(false),
            }),
          ),
        ),
        when('"TaskError" in default(map.get(error, "tags"), [])', returns(expr('error'))),
      ]),
    ),
    step(
      'read_error',
      assign([
        ['status', expr('map.get(error, "code")')],
        ['tags', expr('default(map.get(error, "tags"), ["error"])')],
        ['message', expr('default(map.get(error, ["body", "error", "message"]), map.get(error, "message"))')],
        ['message', expr('default(map.get(error, ["operation", "error", "message"]), message)')],
        ['message', expr('default(message, "no message")')],
        // A service may answer with anything in place of a text.
        ['message', expr('if(get_type(message) == "string", message, json.encode_to_string(message))')],
        ['passes', expr(`text.match_regex(json.encode_to_string(error), ${passing})`)],
        ['can_pass', expr('is_retryable(passes, tags, status, idempotent)')],
      ]),
    ),
    step(
      'name_error',
      switchOn([
        when(
          'container and status == 404 and text.match_regex(message, "No such object")',
          returns(noOutput),
        ),
        when('container and "OperationError" in tags', assign({ name: str('infrastructure') })),
        when('"HttpError" in tags', assign({ name: expr('"http_" + string(status)') })),
        otherwise(assign({ name: expr('tags[0]') })),
      ]),
    ),
    step(
      'words',
      returns(
        map({
          code: expr('name'),
          message: expr('text.substring(message, 0, 1000)'),
          retryable: expr('can_pass or (name == "infrastructure" and idempotent)'),
        }),
      ),
    ),
  ],
  'An error as the code and the message that a failed task reports, and whether another try can help.',
)

/** Overload and lost connections can pass; what may have had an effect is repeated only where that does no harm. */
export const isRetryable: Subworkflow = subworkflow(
  'is_retryable',
  ['passes', 'tags', 'status', 'idempotent'],
  [
    step(
      'without_effect',
      switchOn([
        when('"HttpError" in tags and status in [429, 503]', returns(bool(true))),
        when('"ConnectionFailedError" in tags', returns(bool(true))),
        when('not(idempotent)', returns(bool(false))),
      ]),
    ),
    step(
      'classify',
      switchOn([
        when('"HttpError" in tags', returns(expr('status == 409 or status >= 500'))),
        when(
          '"ConnectionError" in tags or "TimeoutError" in tags or "SystemError" in tags',
          returns(bool(true)),
        ),
        when('"OperationError" in tags', returns(expr('passes'))),
      ]),
    ),
    step('other', returns(bool(false))),
  ],
  'Whether another try can help.',
)
