import { on, partly, same } from './feature.ts'

const tag = (name: string, proof: string) => same(`\`${name}\``, proof, { subject: `tag ${name}` })

export const errors = [
  ...on('reference/syntax/error-types', [
    tag('AuthError', 'connectors/errors: unknown credentials are an AuthError'),
    tag('ConnectionError', 'connectors/errors: an answer that breaks off is a ConnectionError'),
    tag('ConnectionFailedError', 'connectors/errors: where nothing listens, a ConnectionFailedError'),
    tag('HttpError', 'connectors/errors: a status of 400 or above is an HttpError'),
    tag('IndexError', 'engine/features: an index out of range can be caught'),
    tag('KeyError', 'engine/features: a missing key can be caught'),
    tag('OperationError', 'connectors/errors: a failed operation is an OperationError that holds it'),
    tag(
      'ParallelNestingError',
      'engine/parallel: a third level is a ParallelNestingError, counted through calls',
    ),
    tag('RecursionError', 'engine/steps: deeper is a RecursionError, which can be caught'),
    tag('ResourceLimitError', 'engine/steps: memory is limited to 512 KB'),
    tag('ResponseTypeError', 'connectors/errors: what is no operation is a ResponseTypeError'),
    partly(
      '`SystemError`',
      'Raised for what the simulator lacks; errors inside Google’s service do not happen here.',
      'engine/steps: an unknown connector',
      { subject: 'tag SystemError' },
    ),
    tag('TimeoutError', 'connectors/errors: a connector waits half an hour unless told otherwise'),
    tag('TypeError', 'engine/features: a type error can be caught'),
    tag('UnhandledBranchError', 'engine/parallel: the map of an UnhandledBranchError'),
    tag('ValueError', 'engine/features: a value error can be caught'),
    tag('ZeroDivisionError', 'engine/features: a division by zero can be caught'),
  ]),
  ...on('access-execution-results', [
    same(
      'Payload, context and stack trace of an uncaught error',
      'api/executions: an uncaught error has payload, context and stack trace',
    ),
    same(
      'The error of a child workflow',
      'api/executions: a failed child is an OperationError with the execution',
    ),
  ]),
]
