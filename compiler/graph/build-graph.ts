import type { DagDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { checkModels } from './check-models.ts'
import { findCycle } from './cycle.ts'
import { edgesOf } from './edges.ts'
import type { Edge, Graph } from './graph.ts'
import { topologicalOrder } from './order.ts'
import { reduceEdges } from './reduce.ts'

/** Puts the graph of a definition together; null when a cycle leaves no order to run it in. */
export function buildGraph(definition: DagDefinition, problems: Problems): Graph | null {
  checkModels(definition.tasks, problems)
  const edges = edgesOf(definition)
  const ids = [...new Set(definition.tasks.map((task) => task.id))]
  const upstream = new Map<string, Set<string>>(ids.map((id) => [id, new Set<string>()]))
  for (const edge of edges) upstream.get(edge.to)?.add(edge.from)
  const cycle = findCycle(ids, upstream)
  if (cycle) {
    reportCycle(definition, cycle, edges, problems)
    return null
  }
  const order = topologicalOrder(ids, upstream)
  const position = new Map(ids.map((id, index) => [id, index]))
  const inOrder = (sources: Iterable<string>) =>
    [...sources].toSorted((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0))
  const declared = new Map([...upstream].map(([id, sources]) => [id, inOrder(sources)] as const))
  const reduced = new Map(
    [...reduceEdges(order, upstream)].map(([id, sources]) => [id, inOrder(sources)] as const),
  )
  return { tasks: definition.tasks, edges, order, declared, reduced, upstream: reduced }
}

function reportCycle(
  definition: DagDefinition,
  cycle: readonly string[],
  edges: readonly Edge[],
  problems: Problems,
): void {
  const tasks = new Map(definition.tasks.map((task) => [task.id, task]))
  const steps = cycle.slice(1).map((to, index) => {
    const from = cycle[index]
    const kinds = edges.filter((edge) => edge.from === from && edge.to === to).map((edge) => edge.kind)
    return `${from} -> ${to} (${kinds.join(', ')})`
  })
  const at = tasks.get(cycle[0] ?? '')?.at ?? definition.at
  problems.add(
    'DAG301',
    `tasks wait in a cycle: ${cycle.join(' -> ')}`,
    `remove one of: ${steps.join('; ')}`,
    at,
  )
}
