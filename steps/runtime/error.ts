/**
 * A failure that the step understands. `retryable` decides whether the DAG's retries apply; `message` is what the
 * person who reads the run sees, so it names what failed and, where there is one, the way out.
 */
export class StepError extends Error {
  override readonly name = 'StepError'
  /** Lower snake case, e.g. `user_not_found`. */
  readonly code: string
  readonly retryable: boolean

  constructor(details: { code: string; message: string; retryable: boolean; cause?: unknown }) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = details.code
    this.retryable = details.retryable
  }
}

/** Thrown by `context.skip`: the task ends as skipped, with the reason. */
export class StepSkip extends Error {
  override readonly name = 'StepSkip'
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}
