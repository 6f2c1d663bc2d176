import type { Location } from './location.ts'
import type { Problems } from './problems.ts'

/** What a declaration is called in messages, and where it stands. */
export interface Place {
  /** `task load`, `DAG shop`. */
  readonly what: string
  readonly problems: Problems
  readonly at: Location | null
}
