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
  const setups = graph.order.filter(graph.isSetup)
  if (setups.length === 0) return new Map()
  const below = new Map(setups.map((setup) => [setup, descendantsOf(setup, graph)]))
  const teardowns = graph.order.filter((id) => graph.setupsOf(id) !== null)
  const needed = new Map<string, readonly string[]>()
  for (const id of graph.order) {
    if (graph.setupsOf(id) !== null) continue
    const direct = new Set(graph.declared.get(id))
    const own = setups.filter((setup) => {
      if (direct.has(setup) || !below.get(setup)?.has(id)) return false
      const behind = teardowns.filter((teardown) => graph.setupsOf(teardown)?.includes(setup))
      return behind.length === 0 || behind.some((teardown) => descendantsOf(id, graph).has(teardown))
    })
    if (own.length > 0) needed.set(id, own)
  }
  return needed
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
