import type { Plan } from './plan.ts'
import type { Poset } from './poset.ts'

/** A way to lay tasks out in structured control flow. */
export interface Strategy {
  readonly name: string
  /** A plan with at most `depth` levels of nested parallel steps, or null where the strategy does not apply. */
  plan(poset: Poset, depth: number): Plan | null
}
