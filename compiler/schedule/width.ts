import { depthOf, parallelOf, sequence, type Plan } from './plan.ts'

/** https://cloud.google.com/workflows/quotas: at most 10 branches in a parallel step. */
export const mostBranches = 10

/**
 * A plan whose parallel steps have at most 10 branches: wider ones become parallel steps of parallel steps. Null when
 * that takes more nesting than `depth` allows.
 */
export function fitWidth(plan: Plan, depth: number): Plan | null {
  const fitted = narrow(plan)
  return depthOf(fitted) <= depth ? fitted : null
}

function narrow(plan: Plan): Plan {
  if (plan.kind === 'task') return plan
  if (plan.kind === 'sequence') return sequence(plan.items.map(narrow))
  return bundle(plan.branches.map(narrow))
}

function bundle(branches: readonly Plan[]): Plan {
  if (branches.length <= mostBranches) return parallelOf(branches)
  // As few bundles as hold them, evenly filled, so that adding a task moves few others.
  const bundles = Math.ceil(branches.length / mostBranches)
  const size = Math.ceil(branches.length / bundles)
  return bundle(chunks(branches, size).map(parallelOf))
}

export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
