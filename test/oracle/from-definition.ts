import { buildGraph } from '../../compiler/graph/build-graph.ts'
import { declaredOf, type Edge, type Graph } from '../../compiler/graph/graph.ts'
import { suppliersOf } from '../../compiler/graph/repetitions.ts'
import { DagProblems, type DagDefinition, type TaskDefinition } from '../../dsl/index.ts'
import type { Mapping } from '../../dsl/mapping.ts'
import { collectProblems } from '../../dsl/problems.ts'
import {
  teardownRule,
  type DescribedTask,
  type Description,
  type Repetition,
  type RuleName,
  type Try,
} from './description.ts'

/** What a run decides or finds, which a declaration does not say. */
export interface Facts {
  /** What the tries of a task do, or, by `task/index`, those of one instance. @default one that succeeds */
  readonly script?: Readonly<Record<string, readonly Try[]>>
  /** By branch: the cases that it chooses, in each instance of a group. */
  readonly chosen?: Readonly<Record<string, readonly string[]>>
  /** By short circuit: whether its condition holds. */
  readonly passes?: Readonly<Record<string, boolean>>
  /** By mapped task, or path of a mapped group: how many instances its lists make. */
  readonly lengths?: Readonly<Record<string, number>>
}

/** A declared DAG as a description: what the oracle has to say about it. Only the edges are the compiler's word. */
export function describeDefinition(definition: DagDefinition, facts: Facts = {}): Description {
  const problems = collectProblems(definition.at)
  const graph = buildGraph(definition, problems)
  if (graph === null) throw new DagProblems(problems.list)
  const byId = new Map(definition.tasks.map((task) => [task.id, task]))
  return {
    tasks: graph.order.map((id) => describeTask(byId.get(id)!, graph, facts)),
    groups: definition.groups.map(({ path, mapping }) => ({
      path,
      map: mapping === null ? null : repetition(path, mapping, facts),
    })),
    failRunOn: definition.failRunOn,
  }
}

function describeTask(task: TaskDefinition, graph: Graph, facts: Facts): DescribedTask {
  const { id, teardown, group } = task
  const rule: RuleName = teardown === null ? task.triggerRule : teardownRule
  const upstream = declaredOf(graph, id).flatMap((from) =>
    graph.edges.filter((edge) => edge.from === from && edge.to === id).map(edgeText),
  )
  const common = { id, upstream: [...new Set(upstream)], rule, group }
  switch (task.kind) {
    case 'empty':
      return { ...common, kind: 'empty' }
    case 'branch': {
      const named =
        task.choice.kind === 'value' ? task.choice.cases : task.choice.cases.map(({ name }) => name)
      const cases = [...new Set([...named, ...(task.otherwise === null ? [] : [task.otherwise])])]
      return { ...common, kind: 'branch', cases, chosen: always(known(facts.chosen, id)) }
    }
    case 'short_circuit':
      return { ...common, kind: 'short_circuit', skips: task.skips, passes: always(known(facts.passes, id)) }
    default: {
      const map = task.kind === 'step' && task.mapping !== null ? repetition(id, task.mapping, facts) : null
      return {
        ...common,
        kind: 'work',
        retries: task.retry.retries,
        script: Array.from({ length: mostInstances }, (_, index) => scriptOf(id, index, facts)),
        map,
        setup: task.setup,
        teardownOf: teardown?.setups ?? [],
        failsRun: teardown?.failsRun ?? false,
      }
    }
  }
}

/** Of any repetition in the DAGs that are described this way. */
const mostInstances = 20

function scriptOf(id: string, index: number, { script = {} }: Facts): readonly Try[] {
  return script[`${id}/${index}`] ?? script[id] ?? []
}

function edgeText({ from, kind, name }: Edge): string {
  return kind === 'case' ? `${from}:${name}` : from
}

/** The same in each instance of a mapped group. */
function always<T>(value: T): readonly T[] {
  return Array.from({ length: mostInstances }, () => value)
}

function known<T>(facts: Readonly<Record<string, T>> | undefined, id: string): T {
  const value = facts?.[id]
  if (value === undefined) throw new Error(`nothing is known of ${id}`)
  return value
}

function repetition(id: string, mapping: Mapping, { lengths }: Facts): Repetition {
  const [over = null, ...others] = suppliersOf(mapping)
  if (others.length > 0) throw new Error(`${id} is repeated over what several tasks give`)
  const length = known(lengths, id)
  const { kind, value } = mapping.tolerateFailed
  return {
    over,
    length,
    maxConcurrent: mapping.maxConcurrent,
    tolerated: kind === 'count' ? value : Math.floor((length * value) / 100),
  }
}
