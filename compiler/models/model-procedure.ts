import { collectProblems } from '../../dsl/problems.ts'
import { DagProblems, renderSql, tableId, type Model } from '../../dsl/index.ts'
import { checkTarget } from './check-target.ts'
import { loadTable } from './load-table.ts'
import { procedureOf, type Procedure } from './procedure.ts'
import { readModelSql } from './read-sql.ts'
import { mentionedWith } from '../graph/tables.ts'

/** A model compiled by itself, with all tables that its procedure needs. */
export interface ModelProcedure {
  readonly model: Model
  readonly procedure: Procedure
  /** Of a view. */
  readonly query: string | null
  /** The model, what it reads and fills, and the table of loads; in the order of making them. */
  readonly models: readonly Model[]
  readonly loads: Model
}

/** @throws DagProblems with everything that is wrong with the model */
export function modelProcedure(model: Model, dag: string): ModelProcedure {
  const problems = collectProblems(model.at)
  const models = mentionedWith(model)
  for (const { code, message, hint, at } of models.flatMap((each) => each.problems)) {
    problems.add(code, message, hint, at)
  }
  if (model.sql === null) {
    problems.add('DAG406', `model ${tableId(model)} has no SQL`, 'give it sql; a step fills it otherwise')
  }
  const read = readModelSql(models, problems).get(tableId(model))
  if (read) checkTarget(read, problems)
  if (problems.list.length > 0 || read === undefined) throw new DagProblems(problems.list)
  const loads = loadTable(dag)
  return {
    model,
    procedure: procedureOf(read, dag),
    query: model.write?.kind === 'view' ? renderSql(model.sql!) : null,
    models: [...models, loads],
    loads,
  }
}
