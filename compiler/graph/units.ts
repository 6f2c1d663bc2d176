import type { GroupDefinition } from '../../dsl/task.ts'
import type { TaskDefinition } from '../../dsl/index.ts'
import { isIn } from './groups.ts'

/** A DAG in which every mapped group is one node: it is repeated, and so scheduled, as a whole. */
export interface Units {
  /** Task ids, and paths of mapped groups, in order of declaration. */
  readonly ids: readonly string[]
  /** Tasks of a unit in order of declaration; of a task itself. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** The unit that a task is in. */
  readonly unitOf: ReadonlyMap<string, string>
  readonly upstream: ReadonlyMap<string, ReadonlySet<string>>
}

/** The mapped group that a task is in, or null. */
export function mappedGroupOf(
  task: TaskDefinition,
  groups: readonly GroupDefinition[],
): GroupDefinition | null {
  return groups.find(({ path, mapping }) => mapping !== null && isIn(task.group, path)) ?? null
}

export function unitsOf(
  tasks: readonly TaskDefinition[],
  groups: readonly GroupDefinition[],
  upstream: ReadonlyMap<string, ReadonlySet<string>>,
): Units {
  const mapped = groups.filter(({ mapping }) => mapping !== null)
  const unitOf = new Map(tasks.map((task) => [task.id, mappedGroupOf(task, mapped)?.path ?? task.id]))
  const members = new Map<string, string[]>()
  const between = new Map<string, Set<string>>()
  for (const [id, unit] of unitOf) {
    members.set(unit, [...(members.get(unit) ?? []), id])
    const sources = between.get(unit) ?? new Set<string>()
    for (const source of upstream.get(id) ?? []) {
      const from = unitOf.get(source) ?? source
      // A task that waits for itself stays a cycle; tasks of one group that wait for each other are none.
      if (from !== unit || source === id) sources.add(from)
    }
    between.set(unit, sources)
  }
  return { ids: [...members.keys()], members, unitOf, upstream: between }
}
