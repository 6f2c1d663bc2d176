import type { Clock } from '../clock.ts'
import type { RuntimeMap, RuntimeValue } from './value.ts'

/**
 * What the engine needs from the world around one execution; everything else is computed inside. Work that
 * takes real time (a request that leaves the process, a child process) has to be wrapped in `clock.track`, or
 * virtual time jumps ahead meanwhile.
 */
export interface EngineHost {
  readonly clock: Clock
  /** The connector behind `googleapis.…`, or null where there is none of that name. */
  connector(name: string): Connector | null
  /** `http.get`, `http.post` … with the method already resolved. */
  http(request: HttpCall, context: CallContext): Promise<RuntimeMap>
  /** Built-in `GOOGLE_CLOUD_*` names and the workflow's user environment variables; null where unknown. */
  environment(name: string): string | null
  /** `sys.log`. */
  log(entry: LogEntry): void
  /** What `call` steps do, where somebody wants to know. */
  logCall?(event: CallEvent): void
  /** Callback endpoints of this execution; `events.*` raises an error where there are none. */
  readonly callbacks?: CallbackHost
}

/** https://cloud.google.com/workflows/docs/creating-callback-endpoints */
export interface CallbackHost {
  /** Opens an endpoint for one HTTP method; the map has its `url`. */
  create(method: string): RuntimeMap
  /** Resolves with `{http_request, received_time, type}` once a request has come; rejects with the signal's reason. */
  receive(callback: RuntimeMap, signal: AbortSignal): Promise<RuntimeMap>
}

export interface HttpCall {
  readonly method: string
  readonly args: RuntimeMap
}

export interface LogEntry {
  readonly severity: string
  readonly payload: { readonly text: string } | { readonly json: RuntimeMap }
  readonly routine: string
  readonly step: string
}

/**
 * A call by a `call` step: its begin, its end, or that `except` has taken over.
 * https://github.com/googleapis/googleapis/blob/master/google/cloud/workflows/type/engine_call.proto
 */
export type CallEvent = {
  readonly step: string
  readonly callee: string
} & (
  | { readonly state: 'BEGUN'; readonly args: RuntimeValue }
  | { readonly state: 'SUCCEEDED'; readonly startTime: number; readonly response: RuntimeValue }
  | {
      readonly state: 'EXCEPTION_RAISED' | 'EXCEPTION_HANDLED'
      readonly startTime: number
      readonly exception: RuntimeValue
      /** The step where the failure comes from. */
      readonly origin: string
    }
)

/**
 * One method of a connector. Resolves with the response body; throws `RaisedError` (see `errors.ts`) with the
 * map that a workflow would catch.
 */
export type Connector = (args: RuntimeMap, context: CallContext) => Promise<RuntimeValue>

export interface StepPlace {
  readonly routine: string
  readonly step: string
}

export interface CallContext {
  readonly clock: Clock
  /** The step that calls, for whoever asks before it waits for anything. */
  readonly currentStep: () => StepPlace
  /** Aborts when the execution is cancelled. */
  readonly signal: AbortSignal
  environment(name: string): string | null
  /** Counts one billed step, e.g. a poll of a long-running operation; throws when the limit of 100,000 is hit. */
  countStep(): void
  /**
   * The answer to a request that is answered in no virtual time but not at once, such as one to a service on the disk.
   * It comes when the execution's other branches have had their turn, so that their order does not depend on the disk.
   */
  readonly inTurn: <T>(work: Promise<T>) => Promise<T>
}
