import type { InputValue } from '../../dsl/index.ts'
import { refsIn } from '../../dsl/input.ts'
import type { Mapping } from '../../dsl/mapping.ts'
import type { Graph } from './graph.ts'
import { mappedGroupOf } from './units.ts'

/** Which tasks a run repeats, and for whom. */
export interface Repetitions {
  /** Its own mapping, or that of the group around it; null for a task that runs once. */
  readonly mappingOf: (task: string) => Mapping | null
  /** Path of the mapped group that a task is in, or null. */
  readonly groupOf: (task: string) => string | null
  /** Whether a task stands above another one with all its instances: all do, except in one mapped group. */
  readonly isRepeated: (task: string, seenFrom: string) => boolean
}

export function repetitionsOf({ tasks, groups }: Graph): Repetitions {
  const mappedGroup = mappedGroupOf(groups)
  const around = new Map(tasks.map((task) => [task.id, mappedGroup(task)]))
  const own = new Map(tasks.map((task) => [task.id, task.kind === 'step' ? task.mapping : null]))
  const groupOf = (task: string) => around.get(task)?.path ?? null
  const mappingOf = (task: string) => own.get(task) ?? around.get(task)?.mapping ?? null
  return {
    mappingOf,
    groupOf,
    isRepeated: (task, seenFrom) =>
      mappingOf(task) !== null && (groupOf(task) === null || groupOf(task) !== groupOf(seenFrom)),
  }
}

/** The tasks that give a mapping its lists. */
export function suppliersOf({ lists }: Mapping): readonly string[] {
  return [...new Set(lists.flatMap(({ list }) => sourcesOf(list)))]
}

function sourcesOf(value: InputValue): readonly string[] {
  return refsIn(value).flatMap(({ source }) =>
    source.kind === 'task' || source.kind === 'outcomes' ? [source.task] : [],
  )
}
