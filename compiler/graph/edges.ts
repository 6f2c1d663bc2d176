import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { refsIn } from '../../dsl/input.ts'
import type { Edge, EdgeKind } from './graph.ts'
import { readsOf, writesOf } from './tables.ts'

/** The edges of a DAG: from inputs, from models that are read and filled, and from `after`. */
export function edgesOf(definition: DagDefinition): readonly Edge[] {
  const writers = writersByTable(definition.tasks)
  const edges = definition.tasks.flatMap((task) => [
    ...inputEdges(task),
    ...modelEdges(task, writers),
    ...afterEdges(task, definition.tasks),
  ])
  return distinct(edges)
}

function inputEdges(task: TaskDefinition): Edge[] {
  if (task.kind !== 'step') return []
  return refsIn(task.input).flatMap(({ source }) =>
    source.kind === 'task' ? [edge(source.task, task.id, 'input')] : [],
  )
}

function modelEdges(task: TaskDefinition, writers: ReadonlyMap<string, readonly string[]>): Edge[] {
  return readsOf(task).flatMap((table) =>
    (writers.get(table) ?? []).filter((from) => from !== task.id).map((from) => edge(from, task.id, 'model')),
  )
}

function afterEdges(task: TaskDefinition, tasks: readonly TaskDefinition[]): Edge[] {
  return task.after.flatMap((target) => {
    if (target.kind === 'task') return [edge(target.id, task.id, 'after')]
    return tasks
      .filter((member) => isIn(member, target.id))
      .map((member) => edge(member.id, task.id, 'after'))
  })
}

/** Whether a task stands in a group or in a group within it. */
function isIn(task: TaskDefinition, group: string): boolean {
  return task.group === group || (task.group?.startsWith(`${group}.`) ?? false)
}

function writersByTable(tasks: readonly TaskDefinition[]): ReadonlyMap<string, readonly string[]> {
  const writers = new Map<string, string[]>()
  for (const task of tasks) {
    for (const table of writesOf(task)) {
      const list = writers.get(table)
      if (list) list.push(task.id)
      else writers.set(table, [task.id])
    }
  }
  return writers
}

function edge(from: string, to: string, kind: EdgeKind): Edge {
  return { from, to, kind }
}

function distinct(edges: readonly Edge[]): readonly Edge[] {
  const seen = new Map(edges.map((each) => [`${each.from} ${each.to} ${each.kind}`, each]))
  return [...seen.values()]
}
