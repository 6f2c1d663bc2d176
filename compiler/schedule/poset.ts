import { Bits } from '../graph/bits.ts'
import { upstreamOf, type Graph } from '../graph/graph.ts'

/** Tasks and which of them come before which, directly or not. */
export interface Poset {
  /** In topological order. */
  readonly ids: readonly string[]
  readonly before: (a: string, b: string) => boolean
  readonly upstream: (id: string) => readonly string[]
}

export function posetOf(graph: Graph): Poset {
  const position = new Map(graph.order.map((id, index) => [id, index]))
  const ancestors = graph.order.reduce<Bits[]>((all, id) => {
    const own = new Bits(graph.order.length)
    for (const source of upstreamOf(graph, id)) {
      const index = position.get(source) ?? 0
      own.add(index)
      const inherited = all[index]
      if (inherited) own.addAll(inherited)
    }
    all.push(own)
    return all
  }, [])
  return {
    ids: graph.order,
    before: (a, b) => ancestors[position.get(b) ?? 0]?.has(position.get(a) ?? 0) ?? false,
    upstream: (id) => upstreamOf(graph, id),
  }
}

/** The part of a poset that holds only some of its tasks. */
function restrict(poset: Poset, ids: readonly string[]): Poset {
  return { ids, before: poset.before, upstream: poset.upstream }
}

/** Parts that follow each other completely: everything in one part comes before everything in the next. */
export function seriesParts(poset: Poset): readonly Poset[] {
  const { ids } = poset
  const parts: Poset[] = []
  let start = 0
  for (let end = 1; end <= ids.length; end++) {
    if (end < ids.length && !isCut(poset, start, end)) continue
    parts.push(restrict(poset, ids.slice(start, end)))
    start = end
  }
  return parts
}

/** Parts that have nothing to do with each other, in the order of their first tasks. */
export function parallelParts(poset: Poset): readonly Poset[] {
  const part = new Map<string, number>()
  const parts: string[][] = []
  for (const id of poset.ids) {
    const related = new Set(
      poset.ids
        .filter((other) => part.has(other) && poset.before(other, id))
        .map((other) => part.get(other) ?? 0),
    )
    const [target = parts.length, ...merged] = [...related].toSorted((a, b) => a - b)
    const list = (parts[target] ??= [])
    for (const other of merged) {
      for (const moved of parts[other] ?? []) part.set(moved, target)
      list.push(...(parts[other] ?? []))
      parts[other] = []
    }
    list.push(id)
    part.set(id, target)
  }
  const position = new Map(poset.ids.map((id, index) => [id, index]))
  const at = (id: string) => position.get(id) ?? 0
  return parts
    .filter((list) => list.length > 0)
    .map((list) =>
      restrict(
        poset,
        list.toSorted((a, b) => at(a) - at(b)),
      ),
    )
}

/** In topological order a cut is where every task after it comes after every task since the last cut. */
function isCut({ ids, before }: Poset, start: number, end: number): boolean {
  for (let late = end; late < ids.length; late++) {
    for (let early = start; early < end; early++) {
      if (!before(ids[early] ?? '', ids[late] ?? '')) return false
    }
  }
  return true
}
