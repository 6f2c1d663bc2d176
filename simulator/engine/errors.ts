import { int } from './value.ts'
import type { StackFrame } from './execution.ts'
import type { RuntimeMap, RuntimeValue } from './value.ts'

/**
 * What a workflow raises and catches, as a JavaScript exception. Connectors and `http.*` throw it too.
 * The trace is filled in while it travels outward.
 */
export class RaisedError extends Error {
  readonly value: RuntimeValue
  /** Not to be caught by the workflow: it ends the execution. */
  readonly fatal: boolean
  /** Innermost frame first. */
  readonly trace: StackFrame[] = []
  /** The frame that the last line of the trace stands for. */
  within: object | null = null
  /** The innermost call that it ended, where calls are logged. */
  call: { readonly callee: string; readonly startTime: number; readonly origin: string } | null = null

  constructor(value: RuntimeValue, fatal = false) {
    super(describe(value))
    this.name = 'RaisedError'
    this.value = value
    this.fatal = fatal
  }
}

/**
 * The map of an error that the service itself raises.
 * https://cloud.google.com/workflows/docs/reference/syntax/error-types
 */
export function taggedError(
  tags: readonly string[],
  message: string,
  extra: Readonly<Record<string, RuntimeValue>> = {},
): RaisedError {
  return new RaisedError(
    new Map<string, RuntimeValue>([['message', message], ['tags', tags], ...Object.entries(extra)]),
  )
}

/**
 * An error whose message names its tag first. Users show such payloads of a KeyError, a TypeError and an
 * UnhandledBranchError, and the same is said of a ResourceLimitError. HttpError, OperationError and the division by
 * zero are shown without. Of the others no message is known; they have no prefix. See docs/fidelity.md.
 */
function prefixedError(tags: readonly [string, ...string[]], message: string): RaisedError {
  return taggedError(tags, `${tags[0]}: ${message}`)
}

/** HTTP status 400 or above; the body is already decoded. */
export function httpError(code: number, headers: RuntimeMap, body: RuntimeValue): RaisedError {
  const message = `HTTP server responded with error code ${code}`
  return taggedError(['HttpError'], message, { code: int(code), headers, body })
}

/** A long-running operation that finished unsuccessfully; `operation` is the failed resource, `error` its reason. */
export function operationError(message: string, operation: RuntimeValue, error?: RuntimeValue): RaisedError {
  return taggedError(['OperationError'], message, { operation, ...(error !== undefined && { error }) })
}

/** A long-running operation that answered in an unexpected shape. */
export function responseTypeError(message: string, operation: RuntimeValue): RaisedError {
  return taggedError(['ResponseTypeError'], message, { operation })
}

/** Producing credentials for a call failed. */
export const authError = (message: string) => taggedError(['AuthError'], message)
/** The connection broke after it stood: the request may have arrived. */
export const connectionError = (message: string) => taggedError(['ConnectionError'], message)
/** No connection came about: the request cannot have arrived. */
export const connectionFailedError = (message: string) => taggedError(['ConnectionFailedError'], message)
/** A call took longer than its timeout; users have seen both tags. */
export const timeoutError = (message: string) => taggedError(['TimeoutError', 'OSError'], message)
/** An operand or argument of the wrong type. */
export const typeError = (message: string) => prefixedError(['TypeError'], message)
/** The argument of `in`, whose message Google's page on errors shows without the tag. */
export const containerError = (message: string) => taggedError(['TypeError'], message)
/** The right type, but an unacceptable value. */
export const valueError = (message: string) => taggedError(['ValueError'], message)
/** A map has no such key; the wording and both tags are those that users have seen. */
export const keyError = (key: string) => prefixedError(['KeyError', 'LookupError'], `key not found: ${key}`)
/** A variable is read before it was assigned. */
export const unassignedError = (name: string) => prefixedError(['KeyError'], `variable not found: ${name}`)
/** A list has no such index. */
export const indexError = (index: bigint) =>
  taggedError(['IndexError', 'LookupError'], `index out of range: ${index}`)
/** `/`, `//` or `%` by zero. */
export const zeroDivisionError = () => taggedError(['ZeroDivisionError'], 'division by zero')
/** The call stack is deeper than allowed. */
export const recursionError = (limit: number) =>
  taggedError(['RecursionError'], `maximum call stack depth of ${limit} exceeded`)
/** Parallel steps are nested deeper than allowed. */
export const parallelNestingError = (limit: number) =>
  taggedError(['ParallelNestingError'], `parallel steps may be nested at most ${limit} levels deep`)
/** A limit was hit; the engine decides whether it can be caught. */
export const resourceLimitError = (message: string, fatal = false) =>
  new RaisedError(prefixedError(['ResourceLimitError'], message).value, fatal)
/** Something inside the engine. */
export const systemError = (message: string) => taggedError(['SystemError'], message)

/** What a caught JavaScript exception is to the workflow. */
export function asRaised(error: unknown): RaisedError {
  if (error instanceof RaisedError) return error
  // V8 reports an exhausted stack as a RangeError: a value nested too deeply to walk.
  if (error instanceof RangeError)
    return resourceLimitError(`value too large or nested too deeply: ${error.message}`)
  return systemError(error instanceof Error ? error.message : String(error))
}

/** The tags of a raised map, none for anything else. */
export function tagsOf(value: RuntimeValue): readonly string[] {
  const tags = value instanceof Map ? value.get('tags') : undefined
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : []
}

function describe(value: RuntimeValue): string {
  if (typeof value === 'string') return value
  const message = value instanceof Map ? value.get('message') : undefined
  return typeof message === 'string' ? message : 'a value was raised'
}
