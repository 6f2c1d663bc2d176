import {
  assign,
  bool,
  expr,
  map,
  returns,
  step,
  str,
  subworkflow,
  switchOn,
  when,
  type Subworkflow,
} from '../language.ts'

/**
 * BigQuery names errors that pass by a reason, wherever they surface. A job that took too long is `stopped`, like one that
 * somebody cancelled; only its message tells them apart.
 * https://cloud.google.com/bigquery/docs/error-messages
 */
const passing =
  '"(backendError|internalError|jobBackendError|jobInternalError|[rR]ateLimitExceeded|tableUnavailable|Job timed out)"'

/**
 * An error as the code and the message that a failed task reports, and whether another try can help. The words of the
 * step come first; then those of the platform. Overload and lost connections can pass; what may have had an effect is
 * repeated only where that does no harm.
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
        ['code', expr('tags[0]')],
        ['retryable', expr('"ConnectionFailedError" in tags')],
        ['can_pass', expr('"ConnectionError" in tags or "TimeoutError" in tags or "SystemError" in tags')],
      ]),
    ),
    step(
      'name_error',
      switchOn([
        when(
          'container and status == 404 and text.match_regex(message, "No such object")',
          returns(
            map({
              code: str('no_output'),
              message: str('the container exited 0 without writing a result'),
              retryable: bool(false),
            }),
          ),
        ),
        when(
          'container and "OperationError" in tags',
          assign({ code: str('infrastructure'), can_pass: bool(true) }),
        ),
        when(
          '"HttpError" in tags',
          assign({
            code: expr('"http_" + status'),
            retryable: expr('status in [429, 503]'),
            can_pass: expr('status == 409 or status >= 500'),
          }),
        ),
        when(
          '"OperationError" in tags',
          assign({ can_pass: expr(`text.match_regex(json.encode_to_string(error), ${passing})`) }),
        ),
      ]),
    ),
    step(
      'words',
      returns(
        map({
          code: expr('code'),
          message: expr('message'),
          retryable: expr('retryable or (can_pass and idempotent)'),
        }),
      ),
    ),
  ],
  'An error as the code and the message that a failed task reports, and whether another try can help.',
)
