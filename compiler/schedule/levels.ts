import { parallelOf, sequence, taskPlan, type Plan } from './plan.ts'
import type { Poset } from './poset.ts'
import type { Strategy } from './strategy.ts'
import { chunks, fitWidth, mostBranches } from './width.ts'

/**
 * Barriers: tasks that are equally far from the start run side by side, and the next level starts when all have
 * ended. Works for every graph; a task may wait for one that it does not need.
 */
export const levels: Strategy = {
  name: 'levels',
  plan(poset, depth) {
    const parts = levelsOf(poset).map((ids) => levelPlan(poset, ids, depth))
    return parts.every((part) => part !== null) ? sequence(parts) : null
  },
}

function levelsOf(poset: Poset): readonly (readonly string[])[] {
  const level = new Map<string, number>()
  const result: string[][] = []
  for (const id of poset.ids) {
    const own = Math.max(0, ...poset.upstream(id).map((source) => (level.get(source) ?? 0) + 1))
    level.set(id, own)
    ;(result[own] ??= []).push(id)
  }
  return result
}

function levelPlan(poset: Poset, ids: readonly string[], depth: number): Plan | null {
  if (ids.length > 1 && depth < 1) return null
  const mapped = ids.filter((id) => poset.depth(id) > 0)
  if (mapped.length > 0)
    return mappedPlan(
      mapped,
      ids.filter((id) => poset.depth(id) === 0),
      depth,
    )
  const most = mostBranches ** Math.max(depth, 1)
  const parts = chunks(ids, most).map((part) =>
    fitWidth(parallelOf(part.map((id) => taskPlan(id))), Math.max(depth, 1)),
  )
  return parts.every((part) => part !== null) ? sequence(parts) : null
}

/**
 * What is mapped needs the inner level for its instances, and so a branch of the outer one, one after another where there
 * are not enough; other tasks share the branches that are left.
 */
function mappedPlan(mapped: readonly string[], plain: readonly string[], depth: number): Plan | null {
  const tasks = [...mapped.map((id) => taskPlan(id, 1)), ...plain.map((id) => taskPlan(id))]
  if (depth < 1) return null
  if (depth < 2) return sequence(tasks)
  const most = (mostBranches - 1) * mostBranches
  if (plain.length > most) {
    const first = mappedPlan(mapped, plain.slice(0, most), depth)
    const rest = chunks(plain.slice(most), mostBranches ** 2).map((part) =>
      fitWidth(parallelOf(part.map((id) => taskPlan(id))), depth),
    )
    return first === null || rest.some((part) => part === null)
      ? null
      : sequence([first, ...rest.flatMap((part) => part ?? [])])
  }
  const needed = Math.ceil(plain.length / mostBranches)
  const own = deal(tasks.slice(0, mapped.length), mostBranches - needed).map(sequence)
  const shared = deal(tasks.slice(mapped.length), mostBranches - own.length).map(parallelOf)
  return parallelOf([...own, ...shared])
}

/** Items dealt out to at most so many hands, evenly and in order. */
function deal<T>(items: readonly T[], hands: number): readonly (readonly T[])[] {
  const count = Math.min(items.length, hands)
  return Array.from({ length: count }, (_, hand) => items.filter((_item, index) => index % count === hand))
}
