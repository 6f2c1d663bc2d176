import {
  assign,
  bool,
  expr,
  list,
  map,
  otherwise,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  when,
  type Subworkflow,
} from './language.ts'

/** Helpers that put results and errors of tasks into words. They only compute: no call of a service stands in them. */

/** The result of a task that did not run, with the states that decided it. */
export const notRun: Subworkflow = subworkflow(
  'not_run',
  ['state', 'upstream'],
  [
    step(
      'result',
      returns(
        map({
          state: expr('state'),
          tries: { kind: 'integer', value: 0n },
          reason: expr('"upstream " + json.encode_to_string(upstream)'),
        }),
      ),
    ),
  ],
  'The result of a task that does not run because of its upstream tasks.',
)

/** The error in a step's result; one that says nothing counts as no result. */
export const stepError: Subworkflow = subworkflow(
  'step_error',
  ['object'],
  [
    step(
      'error',
      returns(
        map({
          code: expr('default(map.get(object, ["metadata", "code"]), "no_output")'),
          message: expr('default(map.get(object, ["metadata", "message"]), "the result says nothing")'),
          retryable: expr('map.get(object, ["metadata", "retryable"]) == "true"'),
          tags: list([str('StepError')]),
        }),
      ),
    ),
  ],
  'The error that a step wrote into its result.',
)

/**
 * Why there is no result: reading failed, the call of the job failed, the container exited 0 all the same, or it was
 * ended from outside.
 */
export const missingResult: Subworkflow = subworkflow(
  'missing_result',
  ['e', 'job_error'],
  [
    step(
      'classify',
      switchOn([
        when('map.get(e, "code") != 404', returns(expr('e'))),
        when(
          'job_error == null',
          returns(
            map({
              code: str('no_output'),
              message: str('the container exited 0 without writing a result'),
              retryable: bool(false),
              tags: list([str('StepError')]),
            }),
          ),
        ),
        when('not("OperationError" in default(map.get(job_error, "tags"), []))', returns(expr('job_error'))),
      ]),
    ),
    step('describe', assign({ job: expr('describe_error(job_error)') })),
    step(
      'infrastructure',
      returns(
        map({
          code: str('infrastructure'),
          message: expr('job.message'),
          retryable: bool(true),
          tags: list([str('StepError'), str('Infrastructure')]),
        }),
      ),
    ),
  ],
  'The error of a try that left no result.',
)

/** What a failed task reports: a code that a program can test and a message that a person can read. */
export const describeError: Subworkflow = subworkflow(
  'describe_error',
  ['e'],
  [
    step(
      'own_words',
      switchOn([
        when(
          'get_type(e) != "map"',
          returns(map({ code: str('error'), message: expr('json.encode_to_string(e)') })),
        ),
        when(
          '"StepError" in default(map.get(e, "tags"), [])',
          returns(map({ code: expr('e.code'), message: expr('e.message'), retryable: expr('e.retryable') })),
        ),
      ]),
    ),
    step(
      'read_error',
      assign([
        ['code', expr('default(map.get(e, "code"), "")')],
        ['tags', expr('default(map.get(e, "tags"), ["error"])')],
        ['message', expr('default(map.get(e, ["body", "error", "message"]), map.get(e, "message"))')],
        ['message', expr('default(map.get(e, ["operation", "error", "message"]), message)')],
        ['name', expr('if("HttpError" in tags, "http_" + code, tags[0])')],
      ]),
    ),
    step(
      'words',
      returns(
        map({ code: expr('name'), message: expr('text.substring(default(message, "no message"), 0, 1000)') }),
      ),
    ),
  ],
  'An error as the code and the message that a failed task reports.',
)

/**
 * BigQuery names errors that pass by a reason, wherever they surface.
 * https://cloud.google.com/bigquery/docs/error-messages
 */
const passing =
  '"(backendError|internalError|jobBackendError|jobInternalError|[rR]ateLimitExceeded|tableUnavailable)"'

const readError = step(
  'read_error',
  assign({ tags: expr('default(map.get(e, "tags"), [])'), code: expr('map.get(e, "code")') }),
)

/** A step says itself whether its error can pass; infrastructure, overload and lost connections can. */
export const isRetryable: Subworkflow = subworkflow(
  'is_retryable',
  ['e'],
  [
    readError,
    step(
      'classify',
      switchOn([
        when('"StepError" in tags', returns(expr('e.retryable'))),
        when('"HttpError" in tags', returns(expr('code in [409, 429] or code >= 500'))),
        when('"ConnectionError" in tags or "ConnectionFailedError" in tags', returns(bool(true))),
        when('"TimeoutError" in tags or "SystemError" in tags', returns(bool(true))),
        when(
          '"OperationError" in tags',
          returns(expr(`text.match_regex(json.encode_to_string(e), ${passing})`)),
        ),
        otherwise(returns(bool(false))),
      ]),
    ),
  ],
  'Whether another try can help.',
)

/** Only what cannot have taken effect, or what the step itself calls retryable. */
export const isRetryableNonIdempotent: Subworkflow = subworkflow(
  'is_retryable_non_idempotent',
  ['e'],
  [
    readError,
    step(
      'classify',
      switchOn([
        when('"StepError" in tags', returns(expr('e.retryable and not("Infrastructure" in tags)'))),
        when('"HttpError" in tags', returns(expr('code in [429, 503]'))),
        otherwise(returns(expr('"ConnectionFailedError" in tags'))),
      ]),
    ),
  ],
  'Whether another try can help a step that must not run twice.',
)

/** The result of a task whose last try failed. */
export const failure: Subworkflow = subworkflow(
  'failure',
  ['try', 'e'],
  [
    step(
      'result',
      returns(map({ state: str('failed'), tries: expr('try'), error: expr('describe_error(e)') })),
    ),
  ],
  'The result of a task that failed.',
)
