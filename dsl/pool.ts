import type { PoolOption } from './options.ts'
import type { Place } from './place.ts'
import { didYouMean } from './suggest.ts'
import type { GroupDefinition, PoolUse, TaskDefinition } from './task.ts'
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

/** As many instances of a mapped group at once as its tasks' pools have slots for. */
export function boundByPools(
  group: GroupDefinition,
  tasks: readonly TaskDefinition[],
  pools: Readonly<Record<string, number>>,
): GroupDefinition {
  const { mapping, path } = group
  if (mapping === null) return group
  const most = tasks.flatMap(({ group: home, pool }) =>
    pool !== null && (home === path || home?.startsWith(`${path}.`))
      ? [Math.floor((pools[pool.name] ?? 1) / pool.slots)]
      : [],
  )
  if (most.length === 0) return group
  const maxConcurrent = Math.min(mapping.maxConcurrent ?? Number.POSITIVE_INFINITY, ...most)
  return { ...group, mapping: { ...mapping, maxConcurrent } }
}
