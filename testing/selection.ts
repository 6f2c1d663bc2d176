import { didYouMean } from '../dsl/suggest.ts'
import type { Mistakes } from './problem.ts'

/** A task of a graph, as far as selecting needs it. */
interface Node {
  readonly id: string
  readonly upstream: readonly string[]
}

/** What of a DAG runs, and how the rest counts. */
export interface Selection {
  /** Tasks above those that run: they count as done, and what they gave has to be known. */
  readonly given: readonly string[]
  /** All others. */
  readonly left: readonly string[]
}

/** The tasks that `only` names, or `from` and everything below; null where neither is asked for. */
export function selectTasks(
  tasks: readonly Node[],
  { only, from }: { readonly only?: readonly string[]; readonly from?: string },
  mistakes: Mistakes,
): Selection | null {
  const wanted = only ?? (from === undefined ? [] : [from])
  if (wanted.length === 0) return null
  const option = only === undefined ? 'from' : 'only'
  const ids = tasks.map(({ id }) => id)
  for (const id of wanted) {
    if (ids.includes(id)) continue
    mistakes.add(
      'DAG701',
      `${option} names "${id}", which is no task of the DAG`,
      didYouMean(id, ids, 'tasks'),
    )
  }
  const below = (id: string) => tasks.filter(({ upstream }) => upstream.includes(id)).map((task) => task.id)
  const above = (id: string) => tasks.find((task) => task.id === id)?.upstream ?? []
  const running = only === undefined ? reach(wanted, below) : new Set(wanted)
  const needed = reach(running, above)
  return {
    given: ids.filter((id) => needed.has(id) && !running.has(id)),
    left: ids.filter((id) => !needed.has(id)),
  }
}

/** Some tasks, and all that can be reached from them. */
function reach(from: Iterable<string>, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set(from)
  // A set takes in what is added to it while it is walked.
  for (const id of found) for (const other of next(id)) found.add(other)
  return found
}
