import type { TaskDefinition } from '../../dsl/index.ts'
import { declaredOf, type Graph } from '../graph/graph.ts'
import { repetitionsOf, suppliersOf, type Repetitions } from '../graph/repetitions.ts'
import { resultName } from '../names.ts'
import { failsAtOnce, neededSetups, type Descent } from '../semantics/index.ts'
import { lateSigns } from './late-sign.ts'
import { directPart, setupPart, supplierPart, type Source } from './upstream-parts.ts'
import { quoted } from './value.ts'

/**
 * What a task is told of the tasks above it, as one text: `a=success, b=failed, open:success`. With `=` stand the tasks
 * that its trigger rule looks at, with `:` the setups that it needs and the short circuits further above, with `<` what
 * gives a teardown its lists; behind `>` stand failures that it does not see, since it has been skipped by then:
 * `x=skipped, y>failed`.
 */
export interface UpstreamText {
  /** Expressions whose texts, one after another, make the whole. */
  readonly parts: readonly string[]
  /** What is assigned before them, in order: what they read that is too long for them. */
  readonly before: readonly (readonly [variable: string, expression: string])[]
  /** Tasks whose results stand in it. */
  readonly sources: readonly string[]
  /** A branch or a short circuit may exclude the task. */
  readonly mayBeExcluded: boolean
  /** Setups stand in it. */
  readonly hasSetups: boolean
  /** What gives a teardown its lists stands in it. */
  readonly hasLists: boolean
  /** Tasks that its rule looks at stand in it. */
  readonly hasTasks: boolean
  /** It may say that the group around the task has no instances. */
  readonly mayBeEmpty: boolean
}

/** The texts of all tasks. */
export function upstreamTexts(graph: Graph, descent: Descent): ReadonlyMap<string, UpstreamText> {
  const tasks = new Map(graph.tasks.map((task) => [task.id, task]))
  const setups = neededSetups({
    order: graph.order,
    declared: graph.declared,
    isSetup: (id) => tasks.get(id)?.setup ?? false,
    setupsOf: (id) => tasks.get(id)?.teardown?.setups ?? null,
  })
  const repetitions = repetitionsOf(graph)
  const gates = gatesAbove(graph, repetitions, descent)
  const late = lateSigns({ graph, repetitions, setups, gates })
  const cases = new Set(
    graph.edges.filter(({ kind }) => kind === 'case').map(({ from, to }) => edgeName(from, to)),
  )
  const source = (id: string, task: TaskDefinition): Source => {
    const above = tasks.get(id)
    const isGate = above?.kind === 'short_circuit' && task.teardown === null
    return {
      id,
      isRepeated: repetitions.isRepeated(id, task.id),
      late: failsAtOnce.has(task.triggerRule) ? late.get(task.id)?.get(id) : undefined,
      excludes: isGate ? 'gate' : cases.has(edgeName(id, task.id)) ? 'branch' : null,
    }
  }
  return new Map(
    graph.tasks.map((task) => {
      const direct = declaredOf(graph, task.id)
      const own = new Set(task.teardown?.setups)
      const beside = [...own, ...(setups.get(task.id) ?? [])]
      const suppliers = expansionInputs(task, direct, repetitions)
      const above = (gates.get(task.id) ?? []).filter((gate) => !direct.includes(gate))
      const looked = direct.filter((id) => !own.has(id)).map((id) => source(id, task))
      const needed = (id: string) => ({
        id,
        isRepeated: repetitions.isRepeated(id, task.id),
        late: late.get(task.id)?.get(id),
      })
      const parts = [
        ...looked.map((each) => directPart(each, task.id)),
        ...beside.map((id) => setupPart(needed(id))),
        ...suppliers.map((id) => supplierPart(needed(id), task.teardown === null ? ':' : '<')),
      ]
      return [
        task.id,
        {
          parts: [
            ...parts.map(({ text }) => text),
            ...above.map(
              (id) => `${quoted(`${id}:`)} + default(map.get(${resultName(id)}, "verdict"), "open")`,
            ),
          ],
          before: parts.flatMap(({ before }) => before),
          sources: [...direct, ...beside, ...suppliers, ...above],
          mayBeExcluded: above.length > 0 || looked.some(({ excludes }) => excludes !== null),
          hasSetups: beside.length + (task.teardown === null ? suppliers.length : 0) > 0,
          hasLists: task.teardown !== null && suppliers.length > 0,
          hasTasks: looked.length > 0,
          mayBeEmpty: repetitions.groupOf(task.id) !== null,
        },
      ] as const
    }),
  )
}

/** Per task the short circuits that skip everything below them, this task included. */
function gatesAbove(
  graph: Graph,
  repetitions: Repetitions,
  { below }: Descent,
): ReadonlyMap<string, readonly string[]> {
  const gates = graph.tasks.filter((task) => task.kind === 'short_circuit' && task.skips === 'all')
  const teardowns = new Set(graph.tasks.flatMap(({ id, teardown }) => (teardown === null ? [] : [id])))
  const above = new Map<string, string[]>()
  for (const { id } of gates) {
    for (const task of below(id)) {
      if (teardowns.has(task)) continue
      // What a short circuit decides for an index is of no concern outside of its group.
      if (repetitions.isRepeated(id, task)) continue
      const list = above.get(task)
      if (list) list.push(id)
      else above.set(task, [id])
    }
  }
  return above
}

function edgeName(from: string, to: string): string {
  return `${from}>${to}`
}

/** The tasks that give a mapped task, or its group, the lists: it needs them, whatever its rule says. */
function expansionInputs(
  task: TaskDefinition,
  direct: readonly string[],
  { mappingOf }: Repetitions,
): readonly string[] {
  const mapping = mappingOf(task.id)
  if (mapping === null) return []
  const isSeen = (id: string) =>
    task.teardown === null && task.triggerRule === 'all_success' && direct.includes(id)
  return suppliersOf(mapping).filter((id) => !isSeen(id))
}
