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
    const parts = levelsOf(poset).map((ids) => levelPlan(ids, depth))
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

function levelPlan(ids: readonly string[], depth: number): Plan | null {
  if (ids.length > 1 && depth < 1) return null
  const most = mostBranches ** Math.max(depth, 1)
  const parts = chunks(ids, most).map((part) => fitWidth(parallelOf(part.map(taskPlan)), Math.max(depth, 1)))
  return parts.every((part) => part !== null) ? sequence(parts) : null
}
