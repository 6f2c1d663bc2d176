import type { Duration } from '../dsl/index.ts'
import type { Mock, MockError } from './mock.ts'

/** What a simulated run meets. Tasks are named by id, one instance of a mapped task as `task/index`. */
export interface Circumstances {
  /** What stands for the services behind tasks. @default outputs made up from the contracts, models without SQL */
  readonly mocks?: Readonly<Record<string, Mock>>
  /** Tasks whose tries fail: all of them, or as many as given, or each with this error. */
  readonly fail?: readonly string[] | Readonly<Record<string, number | MockError>>
  /** Steps that end as skipped, with a reason or without. */
  readonly skip?: readonly string[] | Readonly<Record<string, string>>
  /** Tasks whose tries take longer than they may: all of them, or as many as given. */
  readonly timeOut?: readonly string[] | Readonly<Record<string, number>>
  /** How long each try takes, in virtual time. @default no time */
  readonly delay?: Readonly<Record<string, Duration>>
}

export interface SimulateOptions extends Circumstances {
  /** Logical date, as `dag simulate --date` takes it. @default the last complete interval before `now` */
  readonly date?: string
  /** @default the DAG's defaults */
  readonly params?: Readonly<Record<string, unknown>>
  /** Only these tasks run; those above them count as done, with what their mocks give, and all others as skipped. */
  readonly only?: readonly string[]
  /** This task and everything below it run; those above count as done, with what their mocks give. */
  readonly from?: string
  /**
   * Tasks that run for real: steps as processes, models as SQL in a local warehouse. `true` for all without a mock.
   * @default none
   */
  readonly real?: boolean | readonly string[]
  /** What runs in place of the images of real steps, as in `dag.config.ts`. */
  readonly images?: Readonly<Record<string, { readonly command: readonly string[] }>>
  /** Environment of real steps. */
  readonly env?: Readonly<Record<string, string>>
  /** Order in which parallel branches take turns, and all ids. @default 1 */
  readonly seed?: number
  /** `real` makes sleeps and delays take as long as they say. @default 'virtual' */
  readonly clock?: 'virtual' | 'real'
  /** When the run starts, RFC 3339. @default the end of the run's interval */
  readonly now?: string
  /** Where the documentation of Workflows is silent: other than the default readings (docs/fidelity.md). */
  readonly readings?: Readonly<Record<string, string>>
  /** Looks around in the local cloud after the run, before it goes away. */
  readonly inspect?: (cloud: SimulatedCloud) => Promise<void>
  /** Folder that images run in. @default the working directory */
  readonly projectDir?: string
}

/** The local cloud of a simulation. */
export interface SimulatedCloud {
  /** Rows of a statement in BigQuery SQL. */
  readonly query: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Content of an object of the run's bucket, or null. */
  readonly object: (name: string) => Promise<string | null>
  /** Names of the objects of the run's bucket. */
  readonly objects: (prefix?: string) => Promise<readonly string[]>
}
