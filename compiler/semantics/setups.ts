import { indexBy } from '../graph/index-by.ts'
import { descentOf, type OrderedGraph } from './descent.ts'

/** A graph as far as setups and teardowns go. */
export interface SetupGraph extends OrderedGraph {
  readonly isSetup: (id: string) => boolean
  /** The setups of a teardown; null for tasks that are none. */
  readonly setupsOf: (id: string) => readonly string[] | null
}

/**
 * Per task the setups above it that it needs without coming right after them: those without a teardown, and those with a
 * teardown below the task. Teardowns need none. https://airflow.apache.org/docs/apache-airflow/stable/howto/setup-and-teardown.html
 */
export function neededSetups(graph: SetupGraph): ReadonlyMap<string, readonly string[]> {
  const { below, between } = descentOf(graph)
  const teardowns = indexBy(
    graph.order.flatMap((id) => (graph.setupsOf(id) ?? []).map((setup) => ({ id, setup }))),
    ({ setup }) => setup,
  )
  const needed = new Map<string, string[]>()
  for (const setup of graph.order.filter(graph.isSetup)) {
    const behind = (teardowns.get(setup) ?? []).map(({ id }) => id)
    for (const id of behind.length === 0 ? below(setup) : between(setup, behind)) {
      if (graph.setupsOf(id) !== null || graph.declared.get(id)?.includes(setup)) continue
      const own = needed.get(id)
      if (own) own.push(setup)
      else needed.set(id, [setup])
    }
  }
  return needed
}
