/** A graph as far as who comes after whom; ids in topological order. */
export interface OrderedGraph {
  readonly order: readonly string[]
  readonly declared: ReadonlyMap<string, readonly string[]>
}

/** Walks along a graph. */
export interface Descent {
  /** Everything below a task. */
  readonly below: (id: string) => ReadonlySet<string>
  /** What is below a task and above one of the others, or one of the others itself: no task behind those is looked at. */
  readonly between: (id: string, others: Iterable<string>) => ReadonlySet<string>
}

export function descentOf({ order, declared }: OrderedGraph): Descent {
  const position = new Map(order.map((id, index) => [id, index]))
  const downstream = new Map<string, string[]>(order.map((id) => [id, []]))
  for (const id of order) for (const source of declared.get(id) ?? []) downstream.get(source)?.push(id)
  const placeOf = (id: string) => position.get(id) ?? 0
  const below = (id: string, last: number) =>
    reach([id], (at) => (downstream.get(at) ?? []).filter((next) => placeOf(next) <= last))
  return {
    below: (id) => below(id, order.length),
    between(id, others) {
      const ends = [...others]
      const inside = below(id, Math.max(-1, ...ends.map(placeOf)))
      const reached = ends.filter((end) => inside.has(end))
      const above = reach(reached, (at) => (declared.get(at) ?? []).filter((next) => inside.has(next)))
      return new Set([...above, ...reached])
    },
  }
}

/** What can be reached from some ids, without those that nothing leads back to. */
function reach(from: readonly string[], nextOf: (id: string) => readonly string[]): Set<string> {
  const found = new Set<string>()
  const pending = [...from]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const next of nextOf(id)) {
      if (found.has(next)) continue
      found.add(next)
      pending.push(next)
    }
  }
  return found
}
