import { refsOf } from '../../dsl/task-inputs.ts'
import type { TaskDefinition } from '../../dsl/task.ts'
import type { Graph } from './graph.ts'
import { repetitionsOf, suppliersOf } from './repetitions.ts'

/** Kinds of tasks that give an output which others may look into. */
export const givesOutput: ReadonlySet<TaskDefinition['kind']> = new Set([
  'step',
  'http',
  'approval',
  'trigger',
])

/**
 * The tasks whose outputs the workflow passes on. It need not hold those of others: they stand in the ledger, and so do
 * those of repeated tasks, which are only pointed to from outside of their group.
 */
export function readOutputs(graph: Graph): ReadonlySet<string> {
  const { mappingOf, isRepeated } = repetitionsOf(graph)
  const referred = graph.tasks.flatMap((task) =>
    refsOf(task).flatMap(({ source }) =>
      source.kind === 'task' && !isRepeated(source.task, task.id) ? [source.task] : [],
    ),
  )
  const listed = graph.groups.flatMap(({ mapping }) => (mapping === null ? [] : suppliersOf(mapping)))
  return new Set([...referred, ...listed.filter((id) => mappingOf(id) === null)])
}
