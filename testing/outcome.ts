/** How one try of a task's service ends. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: Readonly<Record<string, unknown>> }
  | { readonly kind: 'skip'; readonly reason: string }
  | {
      readonly kind: 'error'
      readonly code: string | number
      readonly message: string
      /** Null: as the code says by itself. */
      readonly retryable: boolean | null
    }
  /** It says nothing until the task's time is over. */
  | { readonly kind: 'time_out' }

/** A try that reached a service. */
export interface Call {
  readonly task: string
  /** Position in the list that the task is mapped over; 0 where it is not. */
  readonly mapIndex: number
  readonly try: number
  /** What the service was given; undefined where the simulation does not see it. */
  readonly input: unknown
  /** Milliseconds of virtual time since the run started. */
  readonly start: number
  /** Null while it goes on, and for tries that run for real. A sensor has one call a look. */
  readonly end: number | null
  readonly ended: 'success' | 'skipped' | 'failed' | 'timed_out' | 'not_ready' | 'real' | null
}
