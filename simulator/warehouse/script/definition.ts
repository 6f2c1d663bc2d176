import { planAlterModel, planCreateModel } from '../ml/create-model.ts'
import { planAlterTable } from './alter-table.ts'
import type { Plan } from './counts.ts'
import { planCreateTable } from './create-table.ts'
import { planCreateView } from './create-view.ts'
import { planAlterSchema, planCreateSchema } from './datasets.ts'
import { planDelete, planTruncate } from './delete.ts'
import { planDrop } from './drop.ts'
import { planInsert } from './insert.ts'
import { planMerge } from './merge.ts'
import type { DdlPlan, Of } from './plan.ts'
import { planCreateRoutine, planCreateTableFunction } from './routines.ts'
import type { Session } from './session.ts'
import { planUpdate } from './update.ts'

/** A statement that changes rows. */
export interface Change {
  readonly statementType: string
  readonly plan: Plan
}

/** A statement that changes what there is. */
export interface Definition {
  readonly statementType: string
  readonly plan: DdlPlan
  /** Of the session only, and so allowed within a transaction. */
  readonly temporary: boolean
}

export function planChange(
  statement: Of<'insert' | 'update' | 'delete' | 'truncate' | 'merge'>,
  session: Session,
): Change {
  switch (statement.kind) {
    case 'insert':
      return { statementType: 'INSERT', plan: planInsert(statement, session) }
    case 'update':
      return { statementType: 'UPDATE', plan: planUpdate(statement, session) }
    case 'delete':
      return { statementType: 'DELETE', plan: planDelete(statement, session) }
    case 'truncate':
      return { statementType: 'TRUNCATE_TABLE', plan: planTruncate(statement, session) }
    case 'merge':
      return { statementType: 'MERGE', plan: planMerge(statement, session) }
  }
}

/** Every definition but those of functions, which may be of the session without a plan. */
export function planDefinition(
  statement: Of<
    | 'createTable'
    | 'createView'
    | 'createSchema'
    | 'alterSchema'
    | 'alterTable'
    | 'createModel'
    | 'alterModel'
    | 'createTableFunction'
    | 'createProcedure'
    | 'drop'
  >,
  session: Session,
  source: string,
): Definition {
  const lasting = (statementType: string, plan: DdlPlan): Definition => ({
    statementType,
    plan,
    temporary: false,
  })
  switch (statement.kind) {
    case 'createTable':
      return {
        statementType: planName(statement),
        plan: planCreateTable(statement, session, source),
        temporary: statement.temporary,
      }
    case 'createView':
      return lasting(
        statement.materialized ? 'CREATE_MATERIALIZED_VIEW' : 'CREATE_VIEW',
        planCreateView(statement, session),
      )
    case 'createSchema':
      return lasting('CREATE_SCHEMA', planCreateSchema(statement, session))
    case 'alterSchema':
      return lasting('ALTER_SCHEMA', planAlterSchema(statement, session))
    case 'alterTable':
      return lasting(`ALTER_${statement.object}`, planAlterTable(statement, session, source))
    case 'createModel':
      return lasting('CREATE_MODEL', planCreateModel(statement, session))
    case 'alterModel':
      return lasting('ALTER_MODEL', planAlterModel(statement, session))
    case 'createTableFunction':
      return lasting('CREATE_TABLE_FUNCTION', planCreateTableFunction(statement, session))
    case 'createProcedure':
      return lasting('CREATE_PROCEDURE', planCreateRoutine(statement, session))
    case 'drop': {
      const kind = statement.materialized ? 'MATERIALIZED_' : statement.snapshot ? 'SNAPSHOT_' : ''
      const { parts } = statement.path
      return {
        statementType: `DROP_${kind}${statement.object.replace(' ', '_')}`,
        plan: planDrop(statement, session),
        temporary: parts.length === 1 && session.temporary.has(parts[0]!.toLowerCase()),
      }
    }
  }
}

export function planName(statement: Of<'createTable'>): string {
  if (statement.snapshot) return 'CREATE_SNAPSHOT_TABLE'
  return statement.source?.kind === 'query' ? 'CREATE_TABLE_AS_SELECT' : 'CREATE_TABLE'
}
