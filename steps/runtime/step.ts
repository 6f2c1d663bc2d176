import type { StepClock } from './clock.ts'
import type { AnyStepContract, StepOutput, StepParsedInput } from './contract.ts'
import type { StepRun } from './environment.ts'
import type { HttpClient } from './http.ts'
import type { Logger } from './logger.ts'
import type { ObjectStore } from './object-store.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { Warehouse } from './warehouse.ts'

/** What a handler works with. Everything that reaches outside goes through here, so that tests can replace it. */
export interface StepContext {
  readonly run: StepRun
  readonly log: Logger
  /** The run's bucket. */
  readonly store: ObjectStore
  readonly warehouse: Warehouse
  readonly clock: StepClock
  /** Aborted when the step must stop: clean up and return within a few seconds. */
  readonly signal: AbortSignal
  /** Like `clock.sleep`, and ends with the signal. */
  sleep(milliseconds: number): Promise<void>
  /** A client that stays within so many requests a minute; its limiter can be told to pause. */
  http(options: { perMinute: number; timeoutMs?: number }): { send: HttpClient; limiter: RateLimiter }
  /** Variables that the contract names under `env` and `secrets`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Name of an object of this try alone, beside its output. */
  workObject(name: string): string
  /** Id of a BigQuery job of this try alone: the same for every start of it. */
  jobId(purpose: string): string
  /** `<run_id>/<execution>`, the value of `_load_id`. */
  readonly loadId: string
  /** Ends the task as skipped. */
  skip(reason: string): never
}

/** Returns the output. A StepError ends the try as failed; any other exception does too, and is retried. */
export type StepHandler<C extends AnyStepContract> = (
  input: StepParsedInput<C>,
  context: StepContext,
) => Promise<StepOutput<C>>

/** A contract with the code that fulfils it. */
export interface Step<C extends AnyStepContract = AnyStepContract> {
  readonly kind: 'step'
  readonly contract: C
  readonly handler: StepHandler<C>
}

/**
 * Joins a contract and its handler.
 *
 * @example
 * const step = defineStep(greet, async ({ who }) => ({ greeting: `hello ${who}` }))
 */
export function defineStep<C extends AnyStepContract>(contract: C, handler: StepHandler<C>): Step<C> {
  return Object.freeze({ kind: 'step', contract, handler })
}
