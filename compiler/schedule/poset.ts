import { reduceEdges } from '../graph/reduce.ts'
import type { Graph } from '../graph/graph.ts'
import { unitsOf } from '../graph/units.ts'

/** Tasks, and mapped groups each as one, and which of them come right before which: the reduction of an order, so that no edge follows from others. */
export interface Poset {
  /** In topological order. */
  readonly ids: readonly string[]
  readonly upstream: (id: string) => readonly string[]
  /** Levels of parallel steps that it takes itself: what is mapped runs its instances side by side. */
  readonly depth: (id: string) => 0 | 1
}

export function posetOf(graph: Graph): Poset {
  const groups = graph.groups.filter(({ mapping }) => mapping !== null)
  const mapped = new Set([
    ...groups.map(({ path }) => path),
    ...graph.tasks.flatMap((task) => (task.kind === 'step' && task.mapping !== null ? [task.id] : [])),
  ])
  const { ids, upstream } = reducedUnits(graph, groups)
  return { ids, upstream: (id) => upstream.get(id) ?? [], depth: (id) => (mapped.has(id) ? 1 : 0) }
}

function reducedUnits(
  { tasks, order, upstream, reduced }: Graph,
  groups: Graph['groups'],
): { readonly ids: readonly string[]; readonly upstream: Graph['upstream'] } {
  if (groups.length === 0 && upstream === reduced) return { ids: order, upstream }
  const sets = new Map([...upstream].map(([id, sources]) => [id, new Set(sources)] as const))
  if (groups.length === 0) return { ids: order, upstream: reduceEdges(order, sets) }
  const units = unitsOf(tasks, groups, sets)
  // The tasks of a mapped group follow each other in the order.
  const ids = [...new Set(order.map((id) => units.unitOf.get(id) ?? id))]
  return { ids, upstream: reduceEdges(ids, units.upstream) }
}

/** The part of a poset that holds only some of its tasks; with two tasks it holds all that lie between them. */
function restrict(poset: Poset, ids: readonly string[]): Poset {
  const inside = new Set(ids)
  const upstream = new Map(
    ids.map((id) => [id, poset.upstream(id).filter((source) => inside.has(source))] as const),
  )
  return { ...poset, ids, upstream: (id) => upstream.get(id) ?? [] }
}

/** Parts that follow each other completely: everything in one part comes before everything in the next. */
export function seriesParts(poset: Poset): readonly Poset[] {
  const cuts = cutsOf(poset)
  if (cuts.length === 0) return [poset]
  const ends = [...cuts, poset.ids.length]
  return ends.map((end, index) => restrict(poset, poset.ids.slice(cuts[index - 1] ?? 0, end)))
}

/**
 * In topological order a cut is where everything behind it comes after everything before it. That is so where the edges
 * across it join every last task before it to every first task behind it.
 */
function cutsOf({ ids, upstream }: Poset): readonly number[] {
  const above = ids.map(upstream)
  // Tasks behind the place that come after others behind it.
  const open = ids.map((_, index) => above[index]?.length ?? 0)
  const downstream = new Map<string, number[]>()
  for (const [index, sources] of above.entries()) {
    for (const source of sources) {
      const list = downstream.get(source)
      if (list) list.push(index)
      else downstream.set(source, [index])
    }
  }
  const last = new Set<string>()
  const first = new Set(open.flatMap((count, index) => (count === 0 ? [index] : [])))
  let across = 0
  const cuts: number[] = []
  for (const [index, id] of ids.entries()) {
    if (index > 0 && across === last.size * first.size && joinsAll(last, first, above)) cuts.push(index)
    for (const source of above[index] ?? []) last.delete(source)
    last.add(id)
    first.delete(index)
    for (const target of downstream.get(id) ?? []) {
      open[target] = (open[target] ?? 0) - 1
      if (open[target] === 0) first.add(target)
    }
    across += (downstream.get(id)?.length ?? 0) - (above[index]?.length ?? 0)
  }
  return cuts
}

function joinsAll(
  last: ReadonlySet<string>,
  first: ReadonlySet<number>,
  above: readonly (readonly string[])[],
): boolean {
  return [...first].every(
    (index) => above[index]?.length === last.size && above[index].every((source) => last.has(source)),
  )
}

/** Parts that have nothing to do with each other, in the order of their first tasks. */
export function parallelParts(poset: Poset): readonly Poset[] {
  const parents = new Map(poset.ids.map((id) => [id, id]))
  const rootOf = (id: string): string => {
    let root = id
    for (let next = parents.get(root); next !== undefined && next !== root; next = parents.get(root)) {
      // Halving the way up keeps it short for those who ask next.
      parents.set(root, parents.get(next) ?? next)
      root = next
    }
    return root
  }
  for (const id of poset.ids) {
    for (const source of poset.upstream(id)) parents.set(rootOf(source), rootOf(id))
  }
  const parts = new Map<string, string[]>()
  for (const id of poset.ids) {
    const root = rootOf(id)
    const part = parts.get(root)
    if (part) part.push(id)
    else parts.set(root, [id])
  }
  return [...parts.values()].map((ids) => restrict(poset, ids))
}
