/** A topological order that keeps declaration order where it can; shorter than `ids` if there is a cycle. */
export function topologicalOrder(
  ids: readonly string[],
  upstream: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const position = new Map(ids.map((id, index) => [id, index]))
  const downstream = new Map<string, string[]>(ids.map((id) => [id, []]))
  const open = new Map<string, number>()
  for (const id of ids) {
    const sources = upstream.get(id) ?? new Set()
    open.set(id, sources.size)
    for (const source of sources) downstream.get(source)?.push(id)
  }
  const ready = heap(ids.filter((id) => open.get(id) === 0).map((id) => position.get(id) ?? 0))
  const order: string[] = []
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const id = ids[next] ?? ''
    order.push(id)
    for (const target of downstream.get(id) ?? []) {
      const left = (open.get(target) ?? 0) - 1
      open.set(target, left)
      if (left === 0) ready.push(position.get(target) ?? 0)
    }
  }
  return order
}

/** A binary heap of numbers, smallest first. */
function heap(start: readonly number[]) {
  const items: number[] = []
  const at = (index: number) => items[index] ?? Number.POSITIVE_INFINITY
  const swap = (a: number, b: number) => {
    const held = at(a)
    items[a] = at(b)
    items[b] = held
  }
  const push = (item: number) => {
    items.push(item)
    for (let child = items.length - 1; child > 0;) {
      const parent = (child - 1) >> 1
      if (at(parent) <= at(child)) return
      swap(parent, child)
      child = parent
    }
  }
  const pop = (): number | undefined => {
    const top = items[0]
    const last = items.pop()
    if (items.length === 0 || last === undefined) return top
    items[0] = last
    for (let parent = 0; ;) {
      const child = at(2 * parent + 1) <= at(2 * parent + 2) ? 2 * parent + 1 : 2 * parent + 2
      if (at(parent) <= at(child)) return top
      swap(parent, child)
      parent = child
    }
  }
  for (const item of start) push(item)
  return { push, pop }
}
