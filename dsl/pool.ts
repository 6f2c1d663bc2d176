import type { PoolOption } from './options.ts'
import type { Place } from './place.ts'
import { didYouMean } from './suggest.ts'
import type { PoolUse } from './task.ts'
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
