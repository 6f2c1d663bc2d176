import type { PoolOption } from './options.ts'
import type { Place } from './place.ts'
import { didYouMean } from './suggest.ts'
import { pathsAround, type GroupDefinition, type PoolUse, type TaskDefinition } from './task.ts'
import { describe } from './values.ts'

/** Reads the pool that a task takes slots of; an unusable one counts as none. */
export function readPool(
  option: PoolOption | undefined,
  pools: Readonly<Record<string, number>>,
  { what, problems, at }: Place,
): PoolUse | null {
  if (option === undefined) return null
  const { name, slots } = typeof option === 'string' ? { name: option, slots: 1 } : option
  const size = Object.hasOwn(pools, name) ? pools[name] : undefined
  if (size === undefined) {
    const hint = didYouMean(name, Object.keys(pools), 'pools of the DAG')
    problems.add('DAG114', `${what} uses pool ${describe(name)}, which the DAG does not have`, hint, at)
    return null
  }
  if (!Number.isInteger(slots) || slots < 1 || slots > size) {
    problems.add(
      'DAG114',
      `${what} takes ${String(slots)} slots of pool ${name}`,
      `pool ${name} has ${size}: give a whole number from 1 to ${size}`,
      at,
    )
    return null
  }
  return { name, slots }
}

/** Names the pools of a DAG whose size is none. */
export function checkPools(pools: Readonly<Record<string, number>>, { what, problems, at }: Place): void {
  for (const [name, size] of Object.entries(pools)) {
    if (Number.isInteger(size) && size >= 1) continue
    problems.add(
      'DAG104',
      `${what}: pool ${name} has ${String(size)} slots`,
      'give a whole number from 1',
      at,
    )
  }
}

/** As many instances of each mapped group at once as its tasks' pools have slots for. */
export function boundByPools(
  groups: readonly GroupDefinition[],
  tasks: readonly TaskDefinition[],
  pools: Readonly<Record<string, number>>,
): readonly GroupDefinition[] {
  const most = new Map<string, number>()
  for (const { group, pool } of tasks) {
    if (pool === null) continue
    const instances = Math.floor((pools[pool.name] ?? 1) / pool.slots)
    for (const path of pathsAround(group)) most.set(path, Math.min(most.get(path) ?? instances, instances))
  }
  return groups.map((group) => {
    const bound = most.get(group.path)
    if (group.mapping === null || bound === undefined) return group
    const maxConcurrent = Math.min(group.mapping.maxConcurrent ?? bound, bound)
    return { ...group, mapping: { ...group.mapping, maxConcurrent } }
  })
}
