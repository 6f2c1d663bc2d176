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
    const tree = decompose(poset, depth)
    return tree && fitWidth(tree, depth)
  },
}

/** Null where there is no such structure, or where it takes more nesting than `depth` allows. */
function decompose(poset: Poset, depth: number): Plan | null {
  if (poset.ids.length === 1) {
    const [id = ''] = poset.ids
    return poset.depth(id) <= depth ? taskPlan(id, poset.depth(id)) : null
  }
  const series = seriesParts(poset)
  if (series.length > 1) return combine(series, depth, sequence)
  const parallel = parallelParts(poset)
  return parallel.length > 1 && depth > 0 ? combine(parallel, depth - 1, parallelOf) : null
}

function combine(
  parts: readonly Poset[],
  depth: number,
  join: (plans: readonly Plan[]) => Plan,
): Plan | null {
  const plans: Plan[] = []
  for (const part of parts) {
    const plan = decompose(part, depth)
    if (plan === null) return null
    plans.push(plan)
  }
  return join(plans)
}
