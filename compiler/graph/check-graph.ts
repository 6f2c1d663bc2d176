import { namesOf } from '../../dsl/tasks/branch.ts'
import type { DagDefinition, TaskDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import type { Edge } from './graph.ts'

/** What is wrong with the edges of a DAG, taken together; cycles apart. */
export function checkGraph(
  { tasks }: DagDefinition,
  declared: ReadonlyMap<string, readonly string[]>,
  edges: readonly Edge[],
  problems: Problems,
): void {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const used = new Set(edges.flatMap(({ kind, from, name }) => (kind === 'case' ? [`${from} ${name}`] : [])))
  for (const task of tasks) {
    checkAfterSetup(task, declared.get(task.id) ?? [], byId, problems)
    checkCases(task, used, problems)
  }
}

/** Airflow refuses it, too: the setup's success would be asked for by the rule and by the setup, in two ways. */
function checkAfterSetup(
  { id, triggerRule, teardown, at }: TaskDefinition,
  upstream: readonly string[],
  tasks: ReadonlyMap<string, TaskDefinition>,
  problems: Problems,
): void {
  if (teardown !== null || triggerRule === 'all_success') return
  for (const setup of upstream.filter((source) => tasks.get(source)?.setup)) {
    problems.add(
      'DAG303',
      `task ${id} comes right after setup ${setup} and has trigger rule ${triggerRule}`,
      'drop triggerRule, or put a task (empty does) between them',
      at,
    )
  }
}

function checkCases(task: TaskDefinition, used: ReadonlySet<string>, problems: Problems): void {
  if (task.kind !== 'branch') return
  const names = new Set([...namesOf(task.choice), ...(task.otherwise === null ? [] : [task.otherwise])])
  for (const name of names) {
    if (used.has(`${task.id} ${name}`)) continue
    problems.add(
      'DAG304',
      `nothing comes after case ${name} of branch ${task.id}`,
      `give a task or a group after: ${task.id}.case('${name}'), or drop the case`,
      task.at,
    )
  }
}
