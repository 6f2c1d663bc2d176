/** Ids along one cycle, the first repeated at the end, or null where there is none. */
export function findCycle(
  ids: readonly string[],
  upstream: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] | null {
  const done = new Set<string>()
  for (const start of ids) {
    const cycle = walk(start, upstream, done)
    if (cycle) return cycle
  }
  return null
}

/** Depth first with a stack of its own, since DAGs may be deeper than JavaScript's. */
function walk(
  start: string,
  upstream: ReadonlyMap<string, ReadonlySet<string>>,
  done: Set<string>,
): readonly string[] | null {
  const path: string[] = []
  const onPath = new Set<string>()
  const pending: { id: string; sources: Iterator<string> }[] = []
  const enter = (id: string) => {
    path.push(id)
    onPath.add(id)
    pending.push({ id, sources: (upstream.get(id) ?? new Set<string>()).values() })
  }
  if (!done.has(start)) enter(start)
  for (let top = pending.at(-1); top; top = pending.at(-1)) {
    const next = top.sources.next()
    if (next.done) {
      done.add(top.id)
      onPath.delete(top.id)
      path.pop()
      pending.pop()
    } else if (onPath.has(next.value)) {
      // The walk goes against the edges: reversed, the path reads in the direction of the data.
      return [next.value, ...path.slice(path.indexOf(next.value)).toReversed()]
    } else if (!done.has(next.value)) enter(next.value)
  }
  return null
}
