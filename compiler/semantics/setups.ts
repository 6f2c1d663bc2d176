/** A graph as far as setups and teardowns go; ids in topological order. */
export interface SetupGraph {
  readonly order: readonly string[]
  readonly declared: ReadonlyMap<string, readonly string[]>
  readonly isSetup: (id: string) => boolean
  /** The setups of a teardown; null for tasks that are none. */
  readonly setupsOf: (id: string) => readonly string[] | null
}

/**
 * Per task the setups above it that it needs without coming right after them: those without a teardown, and those with a
 * teardown below the task. Teardowns need none. https://airflow.apache.org/docs/apache-airflow/stable/howto/setup-and-teardown.html
 */
export function neededSetups(graph: SetupGraph): ReadonlyMap<string, readonly string[]> {
  const teardowns = graph.order.filter((id) => graph.setupsOf(id) !== null)
  const needed = new Map<string, string[]>()
  for (const setup of graph.order.filter(graph.isSetup)) {
    const behind = teardowns.filter((teardown) => graph.setupsOf(teardown)?.includes(setup))
    const within = behind.length === 0 ? null : ancestorsOf(behind, graph)
    for (const id of descendantsOf(setup, graph)) {
      if (graph.setupsOf(id) !== null || (within !== null && !within.has(id))) continue
      if (graph.declared.get(id)?.includes(setup)) continue
      const own = needed.get(id)
      if (own) own.push(setup)
      else needed.set(id, [setup])
    }
  }
  return needed
}

/** Everything above some tasks, not counting those that nothing among them comes after. */
function ancestorsOf(
  ids: readonly string[],
  { order, declared }: Pick<SetupGraph, 'order' | 'declared'>,
): ReadonlySet<string> {
  const found = new Set<string>()
  const start = new Set(ids)
  for (const id of order.toReversed()) {
    if (!start.has(id) && !found.has(id)) continue
    for (const source of declared.get(id) ?? []) found.add(source)
  }
  return found
}

/** Everything below a task. */
export function descendantsOf(
  id: string,
  graph: Pick<SetupGraph, 'order' | 'declared'>,
): ReadonlySet<string> {
  const found = new Set<string>()
  for (const other of graph.order) {
    if (graph.declared.get(other)?.some((source) => source === id || found.has(source))) found.add(other)
  }
  return found
}
