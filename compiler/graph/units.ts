import { pathsAround, type GroupDefinition } from '../../dsl/task.ts'
import type { TaskDefinition } from '../../dsl/index.ts'

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

/** Tells the mapped group that a task is in, or null. */
export function mappedGroupOf(
  groups: readonly GroupDefinition[],
): (task: TaskDefinition) => GroupDefinition | null {
  const mapped = new Map<string, GroupDefinition>()
  for (const group of groups) if (group.mapping !== null) mapped.set(group.path, group)
  return (task) => {
    const path = pathsAround(task.group).find((each) => mapped.has(each))
    return path === undefined ? null : (mapped.get(path) ?? null)
  }
}

export function unitsOf(
  tasks: readonly TaskDefinition[],
  groups: readonly GroupDefinition[],
  upstream: ReadonlyMap<string, ReadonlySet<string>>,
): Units {
  const groupOf = mappedGroupOf(groups)
  const unitOf = new Map(tasks.map((task) => [task.id, groupOf(task)?.path ?? task.id]))
  const members = new Map<string, string[]>()
  const between = new Map<string, Set<string>>()
  for (const [id, unit] of unitOf) {
    const own = members.get(unit)
    if (own) own.push(id)
    else members.set(unit, [id])
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
