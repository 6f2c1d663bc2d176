import { tableId, type Model, type SqlText, type TaskDefinition } from '../../dsl/index.ts'

/** `dataset.table` names that a task fills. */
export function writesOf(task: TaskDefinition): readonly string[] {
  return filledModels(task).map(tableId)
}

/** `dataset.table` names that a task reads and does not fill itself. */
export function readsOf(task: TaskDefinition): readonly string[] {
  return readModels(task).map(tableId)
}

/** Models that a task fills: the one that it builds, the one for its refused rows, and those in `writes`. */
export function filledModels(task: TaskDefinition): readonly Model[] {
  if (task.kind !== 'model') return task.writes
  const { quarantine } = task.model
  return [task.model, ...(quarantine === null ? [] : [quarantine]), ...task.writes]
}

/** Models that the SQL and the tests of a task read, those behind views too. */
export function readModels(task: TaskDefinition): readonly Model[] {
  if (task.kind !== 'model') return []
  const filled = new Set(writesOf(task))
  const named = modelsReadBy(task.model).filter((model) => !filled.has(tableId(model)))
  return [...new Map(named.map((model) => [tableId(model), model])).values()]
}

function modelsReadBy(model: Model): readonly Model[] {
  const named = [
    ...(model.sql === null ? [] : modelsIn(model.sql)),
    ...model.tests.flatMap(({ rule }) => {
      if (rule.kind === 'relationship') return [rule.model]
      return rule.kind === 'expression' ? modelsIn(rule.condition) : []
    }),
  ]
  return named.flatMap((each) =>
    each !== model && each.write?.kind === 'view' ? [...modelsReadBy(each), each] : [each],
  )
}

const layers = ['raw', 'tru', 'ref', 'dmt']

/** Every model that the tasks mention, once per table: lower layers first, then in the order of first mention. */
export function mentionedModels(tasks: readonly TaskDefinition[]): readonly Model[] {
  const all = tasks.flatMap((task) => [...readModels(task), ...filledModels(task)])
  const distinct = [...new Map(all.map((model) => [tableId(model), model])).values()]
  return distinct.toSorted((a, b) => layers.indexOf(a.layer) - layers.indexOf(b.layer))
}

/** A model with everything that it reads and fills, what it reads first. */
export function mentionedWith(model: Model): readonly Model[] {
  const { quarantine, writes } = model
  const all = [...modelsReadBy(model), ...(quarantine === null ? [] : [quarantine]), ...writes, model]
  return [...new Map(all.map((each) => [tableId(each), each])).values()]
}

function modelsIn(text: SqlText): readonly Model[] {
  return text.parts.flatMap((part) =>
    (part.kind === 'table' || part.kind === 'column') && isModel(part.table) ? [part.table] : [],
  )
}

function isModel(table: { readonly kind: string }): table is Model {
  return table.kind === 'model'
}
