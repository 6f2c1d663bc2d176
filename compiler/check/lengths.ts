import type { DagDefinition, InputValue, TaskDefinition } from '../../dsl/index.ts'
import type { Mapping } from '../../dsl/mapping.ts'
import { elementOf, fields, mostItems, type Schema } from '../../dsl/schema.ts'
import type { RefPath } from '../../dsl/index.ts'
import { mostInstances } from '../lower/helpers/expand-map.ts'

/** How many instances the DAG itself says that there may be. */
export interface Lengths {
  /** Ids of mapped tasks and paths of mapped groups. */
  readonly units: readonly string[]
  /** The most instances that a mapped task or group can have by its literal lists and schemas; null where only a run knows. */
  readonly itemsOf: (unit: string) => number | null
}

export function lengthsOf({ groups, params }: DagDefinition, tasks: readonly TaskDefinition[]): Lengths {
  const own = tasks.flatMap((task) =>
    task.kind === 'step' && task.mapping ? [[task.id, task.mapping] as const] : [],
  )
  const shared = groups.flatMap(({ path, mapping }) => (mapping ? [[path, mapping] as const] : []))
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const known = new Map(
    [...own, ...shared].map(([unit, mapping]) => [
      unit,
      instances(mapping, (list) => listLength(list, byId, params)),
    ]),
  )
  return { units: [...known.keys()], itemsOf: (unit) => known.get(unit) ?? null }
}

function instances(mapping: Mapping, lengthOf: (list: InputValue) => number | null): number | null {
  const lengths = mapping.lists.map(({ list }) => lengthOf(list))
  const known = lengths.filter((length) => length !== null)
  // The shortest list counts: one that is known bounds them all.
  if (mapping.kind === 'zip' && mapping.fill === null)
    return known.length === 0 ? null : Math.min(...known, mostInstances)
  if (known.length < lengths.length) return null
  const all =
    mapping.kind === 'zip' ? Math.max(0, ...known) : known.reduce((product, each) => product * each, 1)
  return Math.min(all, mostInstances)
}

function listLength(
  list: InputValue,
  tasks: ReadonlyMap<string, TaskDefinition>,
  params: Schema,
): number | null {
  if (list.kind === 'list') return list.items.length
  const schema = list.kind === 'ref' ? schemaAt(list.ref, tasks, params) : null
  return schema === null ? null : mostItems(schema)
}

function schemaAt(
  { source, path }: RefPath,
  tasks: ReadonlyMap<string, TaskDefinition>,
  params: Schema,
): Schema | null {
  const task = source.kind === 'task' ? tasks.get(source.task) : undefined
  let schema: Schema | null =
    source.kind === 'params'
      ? params
      : task?.kind === 'step'
        ? task.contract.output
        : task?.kind === 'http'
          ? task.output
          : null
  // What a mapped task gave is a list of as many items as it had instances.
  if (task?.kind === 'step' && task.mapping !== null) return null
  for (const key of path) {
    if (schema === null) return null
    schema = (typeof key === 'number' ? elementOf(schema) : fields(schema)[key]) ?? null
  }
  return schema
}
