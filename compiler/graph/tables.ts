import { tableId, type Model, type SqlText, type TaskDefinition } from '../../dsl/index.ts'

/** `dataset.table` names that a task fills. */
export function writesOf(task: TaskDefinition): readonly string[] {
  return filledModels(task).map(tableId)
}

/** `dataset.table` names that a task reads and does not fill itself. */
export function readsOf(task: TaskDefinition): readonly string[] {
  return readModels(task).map(tableId)
}

/** Models that a task fills: the one that it builds, and those in `writes`. */
export function filledModels(task: TaskDefinition): readonly Model[] {
  return task.kind === 'model' ? [task.model, ...task.writes] : task.writes
}

/** Models that the SQL of a task reads. */
export function readModels(task: TaskDefinition): readonly Model[] {
  if (task.kind !== 'model' || task.model.sql === null) return []
  const filled = new Set(writesOf(task))
  const named = modelsIn(task.model.sql).filter((model) => !filled.has(tableId(model)))
  return [...new Map(named.map((model) => [tableId(model), model])).values()]
}

const layers = ['raw', 'tru', 'ref', 'dmt']

/** Every model that the tasks mention, once per table: lower layers first, then in the order of first mention. */
export function mentionedModels(tasks: readonly TaskDefinition[]): readonly Model[] {
  const all = tasks.flatMap((task) => [...readModels(task), ...filledModels(task)])
  const distinct = [...new Map(all.map((model) => [tableId(model), model])).values()]
  return distinct.toSorted((a, b) => layers.indexOf(a.layer) - layers.indexOf(b.layer))
}

function modelsIn(text: SqlText): readonly Model[] {
  return text.parts.flatMap((part) => (part.kind === 'table' && isModel(part.table) ? [part.table] : []))
}

function isModel(table: { readonly kind: string }): table is Model {
  return table.kind === 'model'
}
