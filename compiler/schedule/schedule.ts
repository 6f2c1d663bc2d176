import type { Graph } from '../graph/graph.ts'
import { levels } from './levels.ts'
import { nesting } from './nesting.ts'
import { sequence, type Plan } from './plan.ts'
import { posetOf, seriesParts, type Poset } from './poset.ts'
import type { Strategy } from './strategy.ts'

/** https://cloud.google.com/workflows/quotas: parallel steps nest at most two deep. */
export const mostDepth = 2

/** In order of preference; the last one always applies. */
const strategies: readonly Strategy[] = [nesting, levels]

export interface Schedule {
  readonly plan: Plan
  /** Names of the strategies that were used, in the order of first use. */
  readonly strategies: readonly string[]
}

/** Lays the tasks of a graph out. Parts that follow each other completely are laid out on their own. */
export function scheduleGraph(graph: Graph): Schedule {
  const parts = seriesParts(posetOf(graph)).map(layOut)
  return {
    plan: sequence(parts.map((part) => part.plan)),
    strategies: [...new Set(parts.map((part) => part.strategy))],
  }
}

function layOut(part: Poset): { plan: Plan; strategy: string } {
  for (const strategy of strategies) {
    const plan = strategy.plan(part, mostDepth)
    if (plan) return { plan, strategy: strategy.name }
  }
  throw new Error(`no strategy lays out ${part.ids.join(', ')}`)
}
