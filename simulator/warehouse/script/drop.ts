import { missingTable, resolvePath } from '../analyze/table.ts'
import { physicalSchema } from '../catalog/physical.ts'
import { execute } from '../engine/database.ts'
import { invalid, notFound } from '../../../sql/problem.ts'
import type { Session } from './session.ts'
import { type DdlPlan, type Of, nothing } from './plan.ts'
import { datasetPath } from './datasets.ts'

export function planDrop(statement: Of<'drop'>, session: Session): DdlPlan {
  const context = session.context()
  const { path, object } = statement
  const skip: DdlPlan = { ddl: { operation: 'SKIP' }, run: nothing }
  if (object === 'SCHEMA') {
    const dataset = datasetPath(path, session)
    if (!context.catalog.dataset(dataset)) {
      if (statement.ifExists) return skip
      throw notFound(path.at, `Not found: Dataset ${context.project}:${dataset}`)
    }
    const empty =
      context.catalog.tables(dataset).length === 0 &&
      context.catalog.routines(dataset).length === 0 &&
      context.catalog.models(dataset).length === 0
    if (!empty && !statement.cascade)
      throw invalid(path.at, `Dataset ${context.project}:${dataset} is still in use`)
    return {
      ddl: { operation: 'DROP' },
      run: async (changes) => {
        await execute(session.connection, `DROP SCHEMA ${physicalSchema(dataset)} CASCADE`)
        changes.push({ kind: 'dropDataset', dataset })
      },
    }
  }
  if (object === 'MODEL') {
    const { dataset, table: model } = resolvePath(path, context)
    if (!context.catalog.model(dataset, model)) {
      if (statement.ifExists) return skip
      throw notFound(path.at, `Not found: Model ${context.project}:${dataset}.${model}`)
    }
    return {
      ddl: { operation: 'DROP', model: { dataset, model } },
      run: async (changes) => void changes.push({ kind: 'dropModel', dataset, model }),
    }
  }
  if (object === 'PROCEDURE' || object === 'FUNCTION' || object === 'TABLE FUNCTION') {
    const { dataset, table: routine } = resolvePath(path, context)
    if (context.catalog.routine(dataset, routine)?.kind !== object.replace(' ', '_')) {
      if (statement.ifExists) return skip
      throw notFound(path.at, `Not found: Routine ${context.project}:${dataset}.${routine}`)
    }
    return {
      ddl: { operation: 'DROP', routine: { dataset, routine } },
      run: async (changes) => void changes.push({ kind: 'dropRoutine', dataset, routine }),
    }
  }
  const temporary = path.parts.length === 1 ? session.temporary.get(path.parts[0]!.toLowerCase()) : undefined
  if (temporary && object === 'TABLE') {
    return {
      ddl: { operation: 'DROP' },
      run: async () => {
        await execute(session.connection, `DROP TABLE ${temporary.physical}`)
        session.temporary.delete(temporary.table.toLowerCase())
      },
    }
  }
  const name = resolvePath(path, context)
  const entry = context.catalog.table(name)
  if (!entry) {
    if (statement.ifExists) return skip
    throw missingTable(name, path.at, context)
  }
  if ((entry.kind === 'VIEW') !== (object === 'VIEW'))
    throw invalid(
      path.at,
      `${name.dataset}.${name.table} is a ${entry.kind.toLowerCase()}, not a ${object.toLowerCase()}`,
    )
  if (entry.kind === 'VIEW' && (entry.materialized === true) !== statement.materialized)
    throw invalid(
      path.at,
      `${name.dataset}.${name.table} is ${entry.materialized ? 'a materialized view' : 'no materialized view'}`,
    )
  if (statement.snapshot && !entry.snapshot)
    throw invalid(path.at, `${name.dataset}.${name.table} is no snapshot`)
  return {
    ddl: { operation: 'DROP', table: name },
    run: async (changes) => {
      if (entry.kind === 'TABLE') await execute(session.connection, `DROP TABLE ${entry.physical}`)
      changes.push({ kind: 'dropTable', name })
    },
  }
}
