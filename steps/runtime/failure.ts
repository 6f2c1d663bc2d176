import { StepError, StepSkip } from './error.ts'
import type { Logger } from './logger.ts'
import type { Outcome } from './outcome.ts'

/** What a handler threw, as the outcome of the try. The stack goes to the log only. */
export function toOutcome(error: unknown, signal: AbortSignal, log: Logger): Outcome {
  if (error instanceof StepSkip) return { kind: 'skip', reason: error.reason }
  if (error instanceof StepError) {
    const { code, message, retryable } = error
    log.error(message, {
      code,
      retryable,
      cause: error.cause === undefined ? undefined : describe(error.cause),
    })
    return { kind: 'error', code, message, retryable }
  }
  if (signal.aborted) {
    const message = 'the step was told to stop: its time was up, or its execution was cancelled'
    log.error(message, { code: 'interrupted', stack: stackOf(error) })
    return { kind: 'error', code: 'interrupted', message, retryable: true }
  }
  log.error(describe(error), { code: 'unexpected', stack: stackOf(error) })
  return { kind: 'error', code: 'unexpected', message: describe(error), retryable: true }
}

/** No secret may reach the execution history. */
export function redactOutcome(outcome: Outcome, redact: (text: string) => string): Outcome {
  if (outcome.kind === 'skip') return { ...outcome, reason: redact(outcome.reason) }
  if (outcome.kind === 'error') return { ...outcome, message: redact(outcome.message) }
  return outcome
}

export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

export function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}
