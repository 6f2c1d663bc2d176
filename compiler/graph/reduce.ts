import { Bits } from './bits.ts'

/** Per task its upstream tasks, without those that another upstream task already waits for. */
export function reduceEdges(
  order: readonly string[],
  upstream: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, readonly string[]> {
  const position = new Map(order.map((id, index) => [id, index]))
  const ancestors: Bits[] = []
  const reduced = new Map<string, readonly string[]>()
  for (const [index, id] of order.entries()) {
    const direct = [...(upstream.get(id) ?? [])].map((source) => position.get(source) ?? 0)
    const all = new Bits(order.length)
    const kept: number[] = []
    // Latest first: whatever an upstream task implies lies before it in the order.
    for (const source of direct.toSorted((a, b) => b - a)) {
      if (all.has(source)) continue
      kept.push(source)
      all.add(source)
      all.addAll(ancestors[source] ?? new Bits(0))
    }
    ancestors[index] = all
    reduced.set(
      id,
      kept.toSorted((a, b) => a - b).map((source) => order[source] ?? ''),
    )
  }
  return reduced
}
