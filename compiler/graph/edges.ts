import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import { refsIn } from '../../dsl/input.ts'
import type { RefPath } from '../../dsl/ref.ts'
import { refsOf } from '../../dsl/task-inputs.ts'
import type { AfterNode } from '../../dsl/task.ts'
import type { Edge, EdgeKind } from './graph.ts'
import { groupEnds } from './groups.ts'
import { indexBy } from './index-by.ts'
import { readsOf, writesOf } from './tables.ts'

/**
 * The edges of a DAG: from inputs, from models that are read and filled, from setups to their teardowns, and from
 * `after`. What comes after a group comes after its leaves; what a group comes after, its roots come after.
 */
export function edgesOf({ tasks, groups }: DagDefinition): readonly Edge[] {
  const written = tasks.flatMap((task) => writesOf(task).map((table) => ({ table, id: task.id })))
  const writers = indexBy(written, ({ table }) => table)
  const plain = tasks.flatMap((task) => [
    ...inputEdges(task),
    ...modelEdges(task, writers),
    ...(task.teardown?.setups ?? []).map((setup) => edge(setup, task.id, 'setup')),
    ...task.after.flatMap((node) => nodeEdges(node, task.id)),
  ])
  const ends = groupEnds(tasks, groups, plain)
  const fromGroups = (after: readonly AfterNode[], to: string) =>
    after.flatMap((node) =>
      node.kind === 'group' ? (ends.get(node.id)?.leaves ?? []).map((leaf) => edge(leaf, to, 'after')) : [],
    )
  const toGroups = groups.flatMap(({ path, after, mapping }) =>
    (ends.get(path)?.roots ?? []).flatMap((root) => [
      ...(mapping?.lists ?? []).flatMap(({ list }) => referenceEdges(refsIn(list), root)),
      ...after.flatMap((node) => nodeEdges(node, root)),
      ...fromGroups(after, root),
    ]),
  )
  return distinct([...plain, ...tasks.flatMap((task) => fromGroups(task.after, task.id)), ...toGroups])
}

function inputEdges(task: TaskDefinition): Edge[] {
  return referenceEdges(refsOf(task), task.id)
}

function referenceEdges(references: readonly RefPath[], to: string): Edge[] {
  return references.flatMap(({ source }) =>
    source.kind === 'task' || source.kind === 'outcomes' ? [edge(source.task, to, 'input')] : [],
  )
}

function modelEdges(
  task: TaskDefinition,
  writers: ReadonlyMap<string, readonly { readonly id: string }[]>,
): Edge[] {
  return readsOf(task).flatMap((table) =>
    (writers.get(table) ?? []).filter(({ id }) => id !== task.id).map(({ id }) => edge(id, task.id, 'model')),
  )
}

/** Edges from a task or a case; those from groups need the groups' leaves. */
function nodeEdges(node: AfterNode, to: string): Edge[] {
  if (node.kind === 'task') return [edge(node.id, to, 'after')]
  return node.kind === 'case' ? [{ from: node.id, to, kind: 'case', name: node.name }] : []
}

function edge(from: string, to: string, kind: EdgeKind): Edge {
  return { from, to, kind }
}

function distinct(edges: readonly Edge[]): readonly Edge[] {
  const seen = new Map(edges.map((each) => [`${each.from} ${each.to} ${each.kind} ${each.name ?? ''}`, each]))
  return [...seen.values()]
}
