import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import type { Wait } from './waiting.ts'

/**
 * One method of a connector as its REST call. The path template takes arguments by name:
 * `{bucket}` percent-encodes the value, `{+name}` takes a resource name with its slashes, `{!object}` takes the
 * value as it stands, because callers have to encode it themselves. What the path, `body` and `connector_params`
 * leave of the arguments becomes the query.
 *
 * https://cloud.google.com/workflows/docs/reference/googleapis
 */
export interface RestMethod {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** How the argument `body` is sent. @default 'json' */
  readonly body?: 'json' | 'media'
  /** Query parameters with a value where the caller gives none. */
  readonly query?: Readonly<Record<string, string>>
  /** Query parameters that callers have to encode themselves. */
  readonly encodedQuery?: readonly string[]
  /** Set where the call starts something that takes time and the step waits for its end. */
  readonly wait?: Wait
  /** Turns the caller's arguments into those of the REST call, for methods that are not plain REST. */
  prepare?(args: RuntimeMap, caller: Caller): RuntimeMap
  /** Turns the answer into the step's result, for methods that are not plain REST. */
  result?(answer: RuntimeValue): RuntimeValue
  /** What becomes of the answer when the caller does not wait. */
  skipped?(answer: RuntimeValue): RuntimeValue
}

/** The workflow that calls: its project and region are defaults of some methods. */
export interface Caller {
  readonly project: string
  readonly location: string
}

/** Methods of one service, by name without `googleapis.`. */
export type MethodTable = Readonly<Record<string, RestMethod>>
