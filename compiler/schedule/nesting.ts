import { parallelOf, sequence, taskPlan, type Plan } from './plan.ts'
import { parallelParts, seriesParts, type Poset } from './poset.ts'
import type { Strategy } from './strategy.ts'
import { fitWidth } from './width.ts'

/**
 * Follows the series-parallel structure of the graph: exact, no task waits for one that it does not need. Only graphs
 * that have such a structure all the way down can be laid out like this.
 */
export const nesting: Strategy = {
  name: 'nesting',
  plan(poset, depth) {
    const tree = decompose(poset)
    return tree && fitWidth(tree, depth)
  },
}

function decompose(poset: Poset): Plan | null {
  if (poset.ids.length === 1) return taskPlan(poset.ids[0] ?? '')
  const series = seriesParts(poset)
  if (series.length > 1) return combine(series, sequence)
  const parallel = parallelParts(poset)
  return parallel.length > 1 ? combine(parallel, parallelOf) : null
}

function combine(parts: readonly Poset[], join: (plans: readonly Plan[]) => Plan): Plan | null {
  const plans: Plan[] = []
  for (const part of parts) {
    const plan = decompose(part)
    if (plan === null) return null
    plans.push(plan)
  }
  return join(plans)
}
