import { tableId, type DagDefinition, type Model, type TaskDefinition } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { filledModels, readModels } from './tables.ts'

const rank = { raw: 0, tru: 1, ref: 2, dmt: 3 } as const

/** What is wrong with the models of a DAG, taken together. */
export function checkModels(
  { tasks, maxActiveRuns }: Pick<DagDefinition, 'tasks' | 'maxActiveRuns'>,
  problems: Problems,
): void {
  const models = new Set(tasks.flatMap((task) => [...readModels(task), ...filledModels(task)]))
  for (const { code, message, hint, at } of [...models].flatMap((model) => model.problems)) {
    problems.add(code, message, hint, at)
  }
  checkSameTable([...models], problems)
  checkDatasets([...models], problems)
  checkSources(tasks, problems)
  checkQuarantines([...models], problems)
  if (maxActiveRuns > 1) checkOrder(tasks, maxActiveRuns, problems)
  for (const task of tasks) checkLayers(task, problems)
}

function checkSameTable(models: readonly Model[], problems: Problems): void {
  const first = new Map<string, Model>()
  for (const model of models) {
    const other = first.get(tableId(model))
    if (other && other !== model) {
      const hint = 'declare it once and import it where it is needed'
      problems.add('DAG408', `table ${tableId(model)} is declared by two models`, hint, model.at)
    }
    first.set(tableId(model), other ?? model)
  }
}

function checkDatasets(models: readonly Model[], problems: Problems): void {
  const layers = new Map<string, Model>()
  for (const model of models) {
    const other = layers.get(model.dataset)
    if (other && other.layer !== model.layer) {
      problems.add(
        'DAG408',
        `dataset ${model.dataset} is layer ${other.layer} in ${tableId(other)} and ${model.layer} in ${tableId(model)}`,
        'give each layer its own dataset',
        model.at,
      )
    }
    layers.set(model.dataset, other ?? model)
  }
}

/** A table is either built by one task or filled by any number of others. */
function checkSources(tasks: readonly TaskDefinition[], problems: Problems): void {
  const builders = new Map<string, string>()
  for (const task of tasks) {
    if (task.kind !== 'model') continue
    const table = tableId(task.model)
    const other = builders.get(table)
    if (other !== undefined) {
      const hint = 'build it once and let others come after that task'
      problems.add('DAG407', `table ${table} is built by tasks ${other} and ${task.id}`, hint, task.at)
    }
    builders.set(table, other ?? task.id)
  }
  for (const task of tasks) {
    for (const model of task.writes.filter((written) => written.sql !== null)) {
      problems.add(
        'DAG407',
        `task ${task.id} writes ${tableId(model)}, which has SQL of its own`,
        'drop it from writes, or drop sql from the model',
        task.at,
      )
    }
  }
}

/** What refuses rows replaces those of its own day. */
function checkQuarantines(models: readonly Model[], problems: Problems): void {
  const first = new Map<Model, Model>()
  for (const model of models) {
    if (model.quarantine === null) continue
    const other = first.get(model.quarantine)
    if (other) {
      const hint = 'give each model a table of its own for what it refuses'
      const what = `models ${tableId(other)} and ${tableId(model)} have one quarantine`
      problems.add('DAG415', what, hint, model.at)
    }
    first.set(model.quarantine, other ?? model)
  }
}

/** Models whose rows depend on what runs before have left. */
function checkOrder(tasks: readonly TaskDefinition[], maxActiveRuns: number, problems: Problems): void {
  for (const task of tasks) {
    if (task.kind !== 'model') continue
    const { write, dependsOnPast } = task.model
    const why =
      write !== null && ['merge', 'history', 'snapshot'].includes(write.kind)
        ? `is written by ${write.kind}`
        : dependsOnPast
          ? 'depends on the past'
          : null
    if (why === null) continue
    problems.add(
      'DAG416',
      `model ${tableId(task.model)} ${why}, and ${maxActiveRuns} runs may be active at once`,
      'say maxActiveRuns: 1 for the DAG',
      task.at,
    )
  }
}

function checkLayers(task: TaskDefinition, problems: Problems): void {
  if (task.kind !== 'model') return
  const { model } = task
  for (const read of readModels(task).filter((other) => rank[other.layer] > rank[model.layer])) {
    problems.add(
      'DAG409',
      `model ${tableId(model)} of layer ${model.layer} reads ${tableId(read)} of layer ${read.layer}`,
      'read from the same layer or a lower one: raw, tru, ref, dmt',
      model.at,
    )
  }
}
