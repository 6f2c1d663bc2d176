import type { DagDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { checkGraph } from './check-graph.ts'
import { checkModels } from './check-models.ts'
import { findCycle } from './cycle.ts'
import { edgesOf } from './edges.ts'
import type { Edge, Graph } from './graph.ts'
import { poolSchedule } from './pools.ts'
import { reduceEdges } from './reduce.ts'
import { unitsOf } from './units.ts'

/** Puts the graph of a definition together; null when a cycle leaves no order to run it in. */
export function buildGraph(definition: DagDefinition, problems: Problems): Graph | null {
  const { tasks, groups } = definition
  checkModels(definition, problems)
  const edges = edgesOf(definition)
  const ids = [...new Set(tasks.map((task) => task.id))]
  const upstream = new Map<string, Set<string>>(ids.map((id) => [id, new Set<string>()]))
  for (const edge of edges) upstream.get(edge.to)?.add(edge.from)
  const cycle = findCycle(ids, upstream)
  if (cycle) {
    reportCycle(definition, cycle, edges, problems)
    return null
  }
  const position = new Map(ids.map((id, index) => [id, index]))
  const inOrder = (lists: Iterable<readonly [string, Iterable<string>]>) =>
    new Map(
      [...lists].map(
        ([id, sources]) =>
          [id, [...sources].toSorted((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0))] as const,
      ),
    )
  const declared = inOrder(upstream)
  checkGraph(definition, declared, edges, problems)
  const units = unitsOf(tasks, groups, upstream)
  const split = findCycle(units.ids, units.upstream)
  if (split) {
    reportSplit(definition, split, problems)
    return null
  }
  const { order, waits } = poolSchedule(definition, upstream, units)
  const reduced = inOrder(reduceEdges(order, upstream))
  if (waits.size === 0) return { tasks, groups, edges, order, declared, reduced, upstream: reduced }
  const scheduled = new Map(
    ids.map((id) => [id, new Set([...(upstream.get(id) ?? []), ...(waits.get(id) ?? [])])]),
  )
  return { tasks, groups, edges, order, declared, reduced, upstream: inOrder(reduceEdges(order, scheduled)) }
}

/** A mapped group is repeated as a whole, so that nothing can come between its tasks. */
function reportSplit({ groups, at }: DagDefinition, cycle: readonly string[], problems: Problems): void {
  const group = groups.find(({ path }) => cycle.includes(path))
  problems.add(
    'DAG305',
    `mapped group ${group?.path ?? ''} runs as a whole, but something comes between its tasks: ${cycle.join(' -> ')}`,
    'move what comes between into the group, or take the tasks after it out of the group',
    group?.at ?? at,
  )
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
