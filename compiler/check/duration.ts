import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { limits } from '../../language/tree.ts'
import type { Graph } from '../graph/graph.ts'
import { mappedGroupOf, unitsOf } from '../graph/units.ts'
import { connectorGraceSeconds } from '../lower/tasks/step.ts'
import type { Plan } from '../schedule/plan.ts'
import type { Lengths } from './lengths.ts'

/** Seconds of a run in which every try takes its whole time, one wave of what runs at once after another. */
export function mostSeconds(
  plan: Plan,
  { tasks }: Graph,
  { groups }: DagDefinition,
  { itemsOf }: Lengths,
): number {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const groupOf = mappedGroupOf(groups)
  const { members } = unitsOf(tasks, groups, new Map())
  const secondsOf = (unit: string): number => {
    const own = (members.get(unit) ?? []).flatMap((id) => byId.get(id) ?? [])
    const once = own.reduce((sum, task) => sum + taskSeconds(task), 0)
    const [first] = own
    const mapping =
      first && (first.kind === 'step' && first.mapping ? first.mapping : groupOf(first)?.mapping)
    return mapping ? once * waves(itemsOf(unit) ?? 1, mapping.maxConcurrent) : once
  }
  const planSeconds = (part: Plan): number => {
    if (part.kind === 'task') return secondsOf(part.task)
    if (part.kind === 'sequence') return part.items.reduce((sum, item) => sum + planSeconds(item), 0)
    return Math.max(...part.branches.map(planSeconds)) * waves(part.branches.length, null)
  }
  return planSeconds(plan)
}

function waves(count: number, most: number | null): number {
  return Math.max(1, Math.ceil(count / Math.min(most ?? Infinity, limits.concurrentBranches.value)))
}

function taskSeconds(task: TaskDefinition): number {
  const { retries, maxDelaySeconds } = task.retry
  const delays = retries * maxDelaySeconds
  const { timeoutSeconds } = task
  switch (task.kind) {
    case 'empty':
    case 'branch':
    case 'short_circuit':
      return 0
    // Its time is that of all tries together.
    case 'sensor':
      return timeoutSeconds + delays
    case 'step':
    case 'model':
      return (retries + 1) * (timeoutSeconds + connectorGraceSeconds) + delays
    default:
      return (retries + 1) * timeoutSeconds + delays
  }
}
