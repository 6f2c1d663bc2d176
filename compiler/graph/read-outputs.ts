import { refsOf } from '../../dsl/task-inputs.ts'
import type { TaskDefinition } from '../../dsl/task.ts'
import type { Graph } from './graph.ts'
import { suppliersOf } from './repetitions.ts'

/** Kinds of tasks that give an output which others may look into. */
export const givesOutput: ReadonlySet<TaskDefinition['kind']> = new Set([
  'step',
  'http',
  'approval',
  'trigger',
])

/**
 * The tasks whose outputs the workflow passes on. It need not hold those of others: they stand in the ledger, and so do
 * those of the instances of a mapped task, which are only pointed to.
 */
export function readOutputs({ tasks, groups }: Pick<Graph, 'tasks' | 'groups'>): ReadonlySet<string> {
  const mapped = new Set(
    tasks.filter((task) => task.kind === 'step' && task.mapping !== null).map(({ id }) => id),
  )
  const referred = tasks.flatMap((task) =>
    refsOf(task).flatMap(({ source }) => (source.kind === 'task' ? [source.task] : [])),
  )
  const listed = groups.flatMap(({ mapping }) => (mapping === null ? [] : suppliersOf(mapping)))
  return new Set([...referred, ...listed].filter((id) => !mapped.has(id)))
}
