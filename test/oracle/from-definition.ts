import { buildGraph } from '../../compiler/graph/build-graph.ts'
import { declaredOf } from '../../compiler/graph/graph.ts'
import { DagProblems, type DagDefinition, type TaskDefinition } from '../../dsl/index.ts'
import { collectProblems } from '../../dsl/problems.ts'
import { teardownRule, type DescribedTask, type Description, type RuleName, type Try } from './description.ts'

/**
 * A declared DAG as a description, with what its tries do by task: what the oracle has to say about DAGs that were not
 * made from a description. Only their edges are the compiler's word. Branches, short circuits and mapped tasks decide
 * what only a run knows: they are described as work, and are for the caller to tell apart.
 */
export function describeDefinition(
  definition: DagDefinition,
  script: Readonly<Record<string, readonly Try[]>> = {},
): Description {
  const problems = collectProblems(definition.at)
  const graph = buildGraph(definition, problems)
  if (graph === null) throw new DagProblems(problems.list)
  const byId = new Map(definition.tasks.map((task) => [task.id, task]))
  const tasks = graph.order.map((id) => describeTask(byId.get(id)!, declaredOf(graph, id), script[id]))
  return { tasks, groups: [], failRunOn: definition.failRunOn }
}

function describeTask(
  task: TaskDefinition,
  upstream: readonly string[],
  tries: readonly Try[] | undefined,
): DescribedTask {
  const { id, teardown } = task
  const rule: RuleName = teardown === null ? task.triggerRule : teardownRule
  const common = { id, upstream, rule, group: null }
  if (task.kind === 'empty') return { ...common, kind: 'empty' }
  return {
    ...common,
    kind: 'work',
    retries: task.retry.retries,
    script: tries === undefined ? [] : [tries],
    map: null,
    setup: task.setup,
    teardownOf: teardown?.setups ?? [],
    failsRun: teardown?.failsRun ?? false,
  }
}
