import { testName, tableId } from '../../dsl/index.ts'
import type { Problems } from '../../dsl/problems.ts'
import { filledByMode, type ModelSql } from './read-sql.ts'
import { targetOf } from './target.ts'

/** What is wrong with how a model is written that its SELECT alone tells. */
export function checkTarget(read: ModelSql, problems: Problems): void {
  const { model } = read
  const { write } = model
  const what = `model ${tableId(model)}`
  const refuse = (message: string, hint: string) =>
    problems.add('DAG415', `${what}: ${message}`, hint, model.at)
  const readsSince =
    model.sql?.parts.some((part) => part.kind === 'run' && part.value.kind === 'since') ?? false
  if (readsSince && model.watermark === null) {
    refuse(
      'its SQL has sql.since, and it has no watermark',
      'say watermark: { column } with the column to go by',
    )
  }
  if (write === null) return
  if (!readsSince && model.watermark !== null) {
    refuse('has a watermark that its SQL does not read', 'read only what is new: WHERE … > ${sql.since}')
  }
  if (write.kind === 'view') {
    if (model.sql?.parts.some(({ kind }) => kind === 'run')) {
      refuse('a view knows of no run', 'drop sql.run and sql.since, or store the rows')
    }
    return
  }
  const { seen, given } = targetOf(read)
  const goesByDay =
    write.kind === 'snapshot' ||
    write.kind === 'history' ||
    (write.kind === 'merge' && (write.newer === null || write.gone.kind !== 'keep'))
  if (goesByDay && seen === null && model.partitionBy !== null) {
    refuse(
      `its SELECT gives partition column "${model.partitionBy}", by which ${write.kind} tells what is newer`,
      'leave it out of the SELECT: it is the day of the run',
    )
  }
  if (model.retentionDays !== null && model.partitionBy !== null && given.includes(model.partitionBy)) {
    problems.add(
      'DAG404',
      `${what} ages out by column "${model.partitionBy}", which its SELECT gives`,
      'leave it out of the SELECT, which makes it the day of the run; or keep all: retentionDays: null',
      model.at,
    )
  }
  const filled = new Set([...filledByMode(model), ...(seen === null ? [] : [seen])])
  for (const test of model.tests.filter(({ on }) => on === 'rows')) {
    const columns =
      test.rule.kind === 'unique' ? test.rule.columns : 'column' in test.rule ? [test.rule.column] : []
    for (const column of columns.filter((name) => filled.has(name))) {
      problems.add(
        'DAG418',
        `${what}: test ${testName(test)} names column "${column}", which the write mode fills`,
        "say { on: 'table' }",
        model.at,
      )
    }
  }
}
