import type { TaskDefinition } from '../../dsl/index.ts'
import type { MappedList, Mapping } from '../../dsl/mapping.ts'
import type { Graph } from '../graph/graph.ts'
import { suppliersOf, type Repetitions } from '../graph/repetitions.ts'
import { resultName } from '../names.ts'
import { lateFailures, type Fact, type LateFailure } from '../semantics/index.ts'
import { allParts, type LateSign } from './upstream-parts.ts'
import { quoted } from './value.ts'

export interface LatePlace {
  readonly graph: Graph
  readonly repetitions: Repetitions
  /** Setups that a task needs without coming right after them. */
  readonly setups: ReadonlyMap<string, readonly string[]>
  /** Short circuits above that skip everything below them. */
  readonly gates: ReadonlyMap<string, readonly string[]>
}

/** When failures come too late to be seen: by task, and by task above it. */
export function lateSigns(place: LatePlace): ReadonlyMap<string, ReadonlyMap<string, LateSign>> {
  const { graph, repetitions } = place
  const tasks = new Map(graph.tasks.map((task) => [task.id, task]))
  const deciders = decidersOf(tasks, place)
  const lists = (id: string) => {
    const mapping = repetitions.mappingOf(id)
    return mapping === null ? [] : suppliersOf(mapping)
  }
  const late = lateFailures({
    order: graph.order,
    declared: graph.declared,
    ruleOf: (id) => {
      const task = tasks.get(id)
      return task === undefined || task.teardown !== null ? 'teardown' : task.triggerRule
    },
    neededBy: (id) => [...(place.setups.get(id) ?? []), ...lists(id)],
    skippedWith: (id) => [
      ...(place.setups.get(id) ?? []),
      ...lists(id).filter((supplier) => !repetitions.isRepeated(supplier, id)),
    ],
    excludedBy: (id) => deciders.get(id) ?? [],
    isApart: (id) => repetitions.groupOf(id) !== null,
    isNothing: (id) => isNothing(repetitions.mappingOf(id)),
  })
  const text = (id: string, alternatives: LateFailure['failed']) =>
    alternatives.map((facts) => facts.map((fact) => factText(fact, id, tasks, repetitions)))
  return new Map(
    [...late].map(([id, above]) => [
      id,
      new Map(
        [...above].map(([failure, { failed, upstreamFailed }], index) => [
          failure,
          {
            failed: text(id, failed),
            upstreamFailed: text(id, upstreamFailed),
            name: `late_${index + 1}_${id}`,
          },
        ]),
      ),
    ]),
  )
}

/** By task the branches and short circuits that may exclude it. */
function decidersOf(
  tasks: ReadonlyMap<string, TaskDefinition>,
  { graph, gates }: LatePlace,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>([...gates].map(([id, all]) => [id, new Set(all)]))
  const add = (id: string, by: string) => found.set(id, (found.get(id) ?? new Set()).add(by))
  for (const { from, to, kind } of graph.edges) {
    const isGate = tasks.get(from)?.kind === 'short_circuit' && tasks.get(to)?.teardown === null
    if (isGate || kind === 'case') add(to, from)
  }
  return new Map([...found].map(([id, all]) => [id, [...all]]))
}

/** Whether a list is written in the DAG as an empty one, so that there are no instances in any run. */
function isNothing(mapping: Mapping | null): boolean {
  if (mapping === null) return false
  const isEmpty = ({ list }: MappedList) => list.kind === 'list' && list.items.length === 0
  return mapping.fill === null ? mapping.lists.some(isEmpty) : mapping.lists.every(isEmpty)
}

function factText(
  fact: Fact,
  seenFrom: string,
  tasks: ReadonlyMap<string, TaskDefinition>,
  repetitions: Repetitions,
): string {
  if (fact.kind === 'excluded') {
    const result = resultName(fact.by)
    return tasks.get(fact.by)?.kind === 'branch'
      ? `map.get(${result}, ["for", ${quoted(fact.task)}]) == "excluded"`
      : `"verdict" in ${result}`
  }
  const { task, states } = fact
  const isNot = fact.kind === 'not_in'
  if (repetitions.isRepeated(task, seenFrom)) {
    const names = states.length === 1 ? states[0] : `(${states.join('|')})`
    const test = `text.match_regex(${allParts(task)}, "=${names}")`
    return isNot ? `not(${test})` : test
  }
  const state = `${resultName(task)}.state`
  if (states.length === 1) return `${state} ${isNot ? '!=' : '=='} "${states[0]}"`
  const test = `${state} in [${states.map((each) => `"${each}"`).join(', ')}]`
  return isNot ? `not(${test})` : test
}
