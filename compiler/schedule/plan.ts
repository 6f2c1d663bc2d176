/** How tasks are laid out in the structured control flow that Workflows has: one after another, or side by side. */
export type Plan = TaskPlan | SequencePlan | ParallelPlan

/** A task, or a mapped group as a whole by its path. */
export interface TaskPlan {
  readonly kind: 'task'
  readonly task: string
  /** Levels of nested parallel steps that it takes itself: what is mapped runs its instances side by side. */
  readonly depth: number
}

interface SequencePlan {
  readonly kind: 'sequence'
  readonly items: readonly Plan[]
}

interface ParallelPlan {
  readonly kind: 'parallel'
  readonly branches: readonly Plan[]
}

/** Ids of the tasks in a plan, and paths of its mapped groups, in the order in which they stand. */
export function tasksIn(plan: Plan): readonly string[] {
  if (plan.kind === 'task') return [plan.task]
  return (plan.kind === 'sequence' ? plan.items : plan.branches).flatMap(tasksIn)
}

export function taskPlan(task: string, depth = 0): TaskPlan {
  return { kind: 'task', task, depth }
}

/** One after another; sequences within it dissolve. */
export function sequence(items: readonly Plan[]): Plan {
  const flat = items.flatMap((item) => (item.kind === 'sequence' ? item.items : [item]))
  return flat.length === 1 && flat[0] ? flat[0] : { kind: 'sequence', items: flat }
}

/** Side by side. */
export function parallelOf(branches: readonly Plan[]): Plan {
  return branches.length === 1 && branches[0] ? branches[0] : { kind: 'parallel', branches }
}

/** Levels of `parallel` within `parallel`, those that run instances included. */
export function depthOf(plan: Plan): number {
  if (plan.kind === 'task') return plan.depth
  if (plan.kind === 'sequence') return Math.max(0, ...plan.items.map(depthOf))
  return 1 + Math.max(0, ...plan.branches.map(depthOf))
}
