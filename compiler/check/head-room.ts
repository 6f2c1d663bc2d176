import type { Location } from '../../dsl/index.ts'
import type { Limit } from '../../language/tree.ts'

/** How much of a limit a compiled workflow uses. */
export interface HeadRoom {
  readonly limit: Limit
  readonly used: number
  /** With a bound that only the worst case reaches: what is used in any case. Above the limit, it is refused. */
  readonly atLeast?: number
  /** The code that refuses what exceeds it, where that is not the one of all limits. */
  readonly code?: 'DAG502'
  /** How the number came about, where it is a bound or an estimate. */
  readonly note?: string
  /** What uses it most, the largest first: tasks, or the workflow step. */
  readonly most?: readonly string[]
  /** Where that is declared, if one task or model stands out. @default the DAG */
  readonly at?: Location | null
}

/** Share of the limit that is used, in percent. */
export function percentUsed({ limit, used }: HeadRoom): number {
  return Math.round((used / limit.value) * 100)
}
